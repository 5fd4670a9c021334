"""Every condition and expression of a world file: does it parse, and does it read what is there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from polars.exceptions import PolarsError

from catalog.catalogue import Catalogue
from catalog.derivation import parse_derivation, reads
from pipelines.city.draw_spec import Draw
from pipelines.city.draws import names_in
from pipelines.city.population import STRUCTURE
from pipelines.city.world import Event, World

ALWAYS = frozenset({"_today", "_soon"})
"""The day, and a hundred days later."""
WAYS = (
    "value", "share", "choice", "lognormal", "normal", "uniform", "poisson", "days", "expr", "add", "years",
    "after",
)  # fmt: skip


def expression_faults(world: World, catalogue: Catalogue) -> Iterator[str]:
    """Every fault of every expression, with its place."""
    known = {table: _all_names(world, catalogue, table) for table in world.attributes}
    for table in world.attributes:
        yield from _attributes(world, catalogue, table)
    for kind, initials in world.initial.items():
        for n, initial in enumerate(initials):
            yield from faults_of(f"initial.{kind}[{n}].when", initial.when, known[f"{kind}.self"])
    for name, event in world.events.items():
        yield from _event(f"events.{name}", event, known.get(f"{event.kind}.{event.scope}", frozenset()))
    for kind, traits in world.demand.traits.items():
        for trait, condition in traits.items():
            yield from faults_of(f"demand.traits.{kind}.{trait}", condition, known[f"{kind}.self"])
    for kind, share in world.journey.online.items():
        yield from faults_of(f"journey.online.{kind}", share, known[f"{kind}.self"])
    for paper, knob in world.papers.items():
        yield from faults_of(f"papers.{paper}.when", knob.when, known[f"{knob.kind}.{knob.scope}"])


def faults_of(place: str, sql: str, known: frozenset[str]) -> Iterator[str]:
    """What is wrong with one expression."""
    try:
        names = names_in(sql)
    except PolarsError as error:
        yield f"{place}: {sql!r} is not an SQL expression ({error}); correct it"
        return
    for name in sorted(names - known - ALWAYS):
        yield f"{place}: {name} is not known there; correct the name, or draw it earlier"


def ways_faults(place: str, draw: Draw) -> Iterator[str]:
    """A draw says in exactly one way how its value comes about, and so does each of its cases."""
    for each in (draw, *draw.cases):
        ways = [way for way in WAYS if getattr(each, way) is not None] + ["absent"] * each.absent
        if len(ways) != 1:
            told = " and ".join(ways) or "nothing"
            yield f"{place}: says {told}; say exactly one of {', '.join((*WAYS, 'absent'))}"


def _attributes(world: World, catalogue: Catalogue, table: str) -> Iterator[str]:
    """Draws may read what was drawn before them, and what follows from that."""
    kind, scope = table.split(".")
    known = set(STRUCTURE.get(table, {})) | {"_row"}
    if scope != "self":
        known |= _all_names(world, catalogue, f"{kind}.self")
    for name, draw in world.attributes[table].items():
        place = f"attributes.{table}.{name}"
        yield from ways_faults(place, draw)
        for sql in _expressions(draw):
            yield from faults_of(place, sql, frozenset(known))
        known.add(name)
        known |= _derived(catalogue, table, known)


def _expressions(draw: Draw) -> Iterator[str]:
    if draw.expr is not None:
        yield draw.expr
    for case in draw.cases:
        yield case.when
        yield from _expressions(case)


def _event(place: str, event: Event, known: frozenset[str]) -> Iterator[str]:
    for condition in (event.when, *event.factors):
        yield from faults_of(place, condition, known)
    for n, stage in enumerate(event.stages):
        if stage.when is not None:
            yield from faults_of(f"{place}.stages[{n}].when", stage.when, known)
        draws: Sequence[Mapping[str, Draw]] = (
            stage.set,
            stage.set_owner,
            stage.set_spouse,
            *stage.spawn.values(),
        )
        for each in draws:
            for name, draw in each.items():
                yield from ways_faults(f"{place}.stages[{n}].{name}", draw)


def _all_names(world: World, catalogue: Catalogue, table: str) -> frozenset[str]:
    """Everything that is known of such items once they are drawn, their owners' included."""
    kind, scope = table.split(".")
    names = set(STRUCTURE.get(table, {})) | set(world.attributes.get(table, {}))
    names |= _derived(catalogue, table, names)
    return frozenset(names | (_all_names(world, catalogue, f"{kind}.self") if scope != "self" else set()))


def _derived(catalogue: Catalogue, table: str, known: set[str]) -> set[str]:
    """The derived attributes of a table whose sources are known."""
    kind, scope = table.split(".")
    found: set[str] = set()
    for attribute in catalogue.attributes.values():
        mine = attribute.derived is not None and (attribute.subject, attribute.scope) == (kind, scope)
        if mine and set(reads(parse_derivation(attribute.derived or ""))) <= known | found:
            found.add(attribute.name)
    return found
