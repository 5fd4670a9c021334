"""Hold a world against the catalogue: every name it uses must exist, every stored attribute be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, SubjectKind
from pipelines.city.draw_spec import Draw
from pipelines.city.world import Event, World
from pipelines.city.world_expressions import expression_faults
from pipelines.city.world_loader import WorldError


def check_world(world: World, catalogue: Catalogue) -> None:
    """Raises WorldError naming every fault of a world that does not fit the catalogue."""
    faults = [*_attributes(world, catalogue), *_events(world, catalogue), *_items(world, catalogue)]
    faults += [
        *_papers(world, catalogue),
        *_showcases(world, catalogue),
        *_shapes(world),
        *expression_faults(world, catalogue),
    ]
    if faults:
        raise WorldError(faults)


def stored_names(catalogue: Catalogue) -> dict[str, set[str]]:
    """Names of stored attributes by `<kind>.<scope>`."""
    names = {f"{kind}.{scope}": set[str]() for kind in SubjectKind for scope in SCOPES_OF[kind]}
    for attribute in catalogue.attributes.values():
        if attribute.derived is None:
            names[f"{attribute.subject}.{attribute.scope}"].add(attribute.name)
    return names


def _attributes(world: World, catalogue: Catalogue) -> Iterator[str]:
    stored = stored_names(catalogue)
    for table in sorted(world.attributes.keys() - stored.keys()):
        yield f"attributes.{table}: no such kind and scope; use one of {', '.join(sorted(stored))}"
    for table, names in stored.items():
        drawn = {name for name in world.attributes.get(table, {}) if not name.startswith("_")}
        for name in sorted(drawn - names):
            yield f"attributes.{table}.{name}: no stored attribute has this name; remove or correct it"
        for name in sorted(names - drawn):
            yield f"attributes.{table}: {name} is stored but has no draw; say how its values come about"
        for name, draw in world.attributes.get(table, {}).items():
            yield from _values(f"attributes.{table}.{name}", name, draw, catalogue)


def _values(place: str, name: str, draw: Draw, catalogue: Catalogue) -> Iterator[str]:
    attribute = catalogue.attributes.get(name)
    if attribute is None or not attribute.allowed:
        return
    for each in (draw, *draw.cases):
        words = [each.value] if isinstance(each.value, str) else list(each.choice or ())
        for word in words:
            if word not in attribute.allowed:
                yield f"{place}: {word!r} is not a value; allowed: {', '.join(attribute.allowed)}"


def _events(world: World, catalogue: Catalogue) -> Iterator[str]:
    stored = stored_names(catalogue)
    for name, event in world.events.items():
        place = f"events.{name}"
        if event.scope not in SCOPES_OF[SubjectKind(event.kind)]:
            yield f"{place}.scope: a {event.kind} has no {event.scope}; use one of its scopes"
            continue
        if event.event is not None and event.event not in catalogue.events:
            yield f"{place}.event: the catalogue has no event {event.event}; correct it or leave it out"
        yield from _stages(place, event, catalogue, stored, world)


def _stages(
    place: str, event: Event, catalogue: Catalogue, stored: Mapping[str, set[str]], world: World
) -> Iterator[str]:
    for number, stage in enumerate(event.stages):
        here = f"{place}.stages[{number}]"
        tables: list[tuple[str, Mapping[str, Draw]]] = [
            (f"{event.kind}.{event.scope}", stage.set),
            (f"{event.kind}.self", stage.set_owner),
            (f"{event.kind}.self", stage.set_spouse),
        ]
        tables += [(f"{event.kind}.{scope}", fixed) for scope, fixed in stage.spawn.items()]
        for table, draws in tables:
            yield from _named(f"{here} ({table})", draws, table, stored, catalogue)
        for item in stage.needs:
            yield from _item(f"{here}.needs", item, catalogue)


def _named(
    place: str, draws: Mapping[str, Draw], table: str, stored: Mapping[str, set[str]], catalogue: Catalogue
) -> Iterator[str]:
    for name, draw in draws.items():
        if name not in stored.get(table, set()) and not name.startswith("_"):
            yield f"{place}: {name} is no stored attribute of {table}; correct the name or the scope"
        yield from _values(f"{place}.{name}", name, draw, catalogue)


def _item(place: str, item: str, catalogue: Catalogue) -> Iterator[str]:
    known = catalogue.items.get(item)
    if known is None:
        yield f"{place}: the catalogue has no item {item}; remove it or correct the id"


def _items(world: World, catalogue: Catalogue) -> Iterator[str]:
    stored = stored_names(catalogue)
    for item, knob in world.demand.items.items():
        place = f"demand.items.{item}"
        yield from _item(place, item, catalogue)
        known = catalogue.items.get(item)
        if known is None:
            continue
        mine, owners = stored[f"{known.subject}.{known.scope}"], stored[f"{known.subject}.self"]
        for name, draw in knob.effects.items():
            if name not in mine | owners:
                yield f"{place}.effects: {name} is no stored attribute of its {known.scope} or owner"
            yield from _values(f"{place}.effects.{name}", name, draw, catalogue)
        if knob.season and len(knob.season) != 12:
            yield f"{place}.season: {len(knob.season)} figures; give twelve, January first"


def _showcases(world: World, catalogue: Catalogue) -> Iterator[str]:
    for case in world.showcase:
        for item in case.missed:
            yield from _item(f"showcase.{case.id}.missed", item, catalogue)


def _papers(world: World, catalogue: Catalogue) -> Iterator[str]:
    for paper in world.papers:
        if paper not in catalogue.evidence_types:
            yield f"papers.{paper}: the catalogue has no such evidence type; remove it or correct the id"


def _shapes(world: World) -> Iterator[str]:
    if len(world.slates.examination) < world.slates.length:
        yield "slates.examination: give a probability for each of the slate's positions"
    if not 0.0 < world.slates.uniform <= 1.0:
        yield "slates.uniform: must lie above 0 and at most 1, or some items would never be shown"
    if "default" not in world.registers:
        yield "registers: give `default` for the registers the world does not name"
    for name, event in world.events.items():
        if event.season and len(event.season) != 12:
            yield f"events.{name}.season: {len(event.season)} figures; give twelve, January first"
    if world.citizens < 0 or world.enterprises < 0 or world.months_history < 1 or world.block < 1:
        yield "citizens, enterprises, months_history, block: must be positive"
