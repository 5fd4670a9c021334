"""A block of subjects simulated together: their scope items, who is married to whom, who has died."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.derivation import parse_derivation, reads
from catalog.derivation_columns import column
from catalog.vocabulary import SCOPES_OF, SubjectKind, ValueType
from pipelines.city.draw_spec import Draw
from pipelines.city.randomness import Bools, Floats, Ints, stream
from pipelines.city.scope_state import NO_DAY, ColumnType, ScopeState, day_number
from pipelines.city.world import World, months_before

WARM_UP = 12
"""Months lived before the log begins, so that nothing in it starts from nothing."""


@dataclass(frozen=True)
class Setting:
    """What does not change while a city is built: the world, the catalogue, the seed, the days."""

    world: World
    catalogue: Catalogue
    seed: int
    log_from: dt.date
    """First day of the first month that is logged; lives begin `WARM_UP` months before."""
    as_of: dt.date

    @cached_property
    def first_day(self) -> dt.date:
        """The day the population is drawn for."""
        return months_before(self.log_from, WARM_UP)

    @cached_property
    def stored(self) -> dict[str, dict[str, Attribute]]:
        """Stored attributes by `<kind>.<scope>`."""
        tables: dict[str, dict[str, Attribute]] = {}
        for attribute in self.catalogue.attributes.values():
            if attribute.derived is None:
                tables.setdefault(f"{attribute.subject}.{attribute.scope}", {})[attribute.name] = attribute
        return tables

    @cached_property
    def types(self) -> dict[str, dict[str, ColumnType]]:
        """Column types by `<kind>.<scope>`, hidden ones (`_name`) with them."""
        tables: dict[str, dict[str, ColumnType]] = {}
        for kind in SubjectKind:
            for scope in SCOPES_OF[kind]:
                key = f"{kind}.{scope}"
                stored = self.stored.get(key, {})
                tables[key] = {name: ColumnType.of(attribute) for name, attribute in stored.items()}
                for name, draw in self.world.attributes.get(key, {}).items():
                    if name.startswith("_"):
                        tables[key][name] = ColumnType(name, *_hidden_type(draw))
        return tables

    @cached_property
    def derived(self) -> dict[str, tuple[Attribute, ...]]:
        """Derived attributes by `<kind>.<scope>`, sources first."""
        tables: dict[str, list[Attribute]] = {}
        for attribute in self.catalogue.attributes.values():
            if attribute.derived is not None:
                tables.setdefault(f"{attribute.subject}.{attribute.scope}", []).append(attribute)
        return {key: _sources_first(attributes) for key, attributes in tables.items()}

    @cached_property
    def anchors(self) -> dict[str, frozenset[str]]:
        """By `<kind>.<scope>`: the attributes that others are derived from."""
        return {
            key: frozenset(
                source for attribute in derived for source in reads(parse_derivation(attribute.derived or ""))
            )
            for key, derived in self.derived.items()
        }

    def rng(self, *parts: object) -> np.random.Generator:
        """The stream of this city that belongs to a purpose."""
        return stream(self.seed, *parts)


def _hidden_type(draw: Draw) -> tuple[ValueType, tuple[str, ...]]:
    if draw.choice is not None:
        return ValueType.ENUM, tuple(draw.choice)
    return (ValueType.BOOLEAN, ()) if draw.share is not None else (ValueType.NUMBER, ())


def _sources_first(attributes: list[Attribute]) -> tuple[Attribute, ...]:
    waiting = {attribute.name: attribute for attribute in attributes}
    ordered: list[Attribute] = []
    while waiting:
        ready = [
            name
            for name, attribute in waiting.items()
            if not any(source in waiting for source in reads(parse_derivation(attribute.derived or "")))
        ]
        if not ready:
            raise ValueError(f"derived from one another in a circle: {sorted(waiting)}")
        ordered += [waiting.pop(name) for name in ready]
    return tuple(ordered)


@dataclass(slots=True)
class Block:
    """Some thousand subjects of one kind and all that is theirs."""

    setting: Setting
    kind: SubjectKind
    number: int
    first_index: int
    """Index in the city of the block's first subject."""
    states: dict[str, ScopeState]
    spouse: Ints
    guardian: dict[int, int] = field(default_factory=dict)
    """Row of a child, and the row of the parent who is not its owner."""
    household: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    died: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Day of death (or closing) by subject, `NO_DAY` for the living."""
    curated: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Subjects of the showcase, whom no event strikes and who start nothing."""
    taste: Ints | None = None
    """Each subject's prototype, once settled."""
    taste_prior: Floats | None = None
    """How likely each prototype was for each subject, given what was visible."""

    @property
    def subjects(self) -> ScopeState:
        """The subjects themselves."""
        return self.states["self"]

    @property
    def living(self) -> Bools:
        """Who is still there."""
        return np.asarray(self.died == NO_DAY)

    @property
    def remaining(self) -> Bools:
        """Who is still a subject at the end of the simulated time."""
        return np.asarray(self.living | (self.died > day_number(self.setting.as_of)))

    def rng(self, *parts: object) -> np.random.Generator:
        """The block's own stream for a purpose."""
        return self.setting.rng(self.kind, self.number, *parts)

    def frame(
        self, scope: str, on: dt.date, rows: Ints | None = None, names: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """What is true of items of a scope on a day: derived attributes and owner's joined in.

        `names` limits it to some attributes and what they are derived from.
        """
        return self.frames(scope, (on,), rows, names)[0]

    def frames(
        self, scope: str, days: tuple[dt.date, ...], rows: Ints | None, names: frozenset[str] | None
    ) -> list[pl.DataFrame]:
        """One frame a day, the stored columns read once."""
        state, key = self.states[scope], f"{self.kind}.{scope}"
        wanted = None if names is None else with_sources(self.setting, key, names)
        stored = state.frame(rows, wanted)
        own = [complete(self.setting, key, stored, on, wanted) for on in days]
        if scope == "self":
            return [
                frame.with_columns(_today=pl.lit(on), _soon=pl.lit(on + dt.timedelta(days=100)))
                for frame, on in zip(own, days, strict=True)
            ]
        owner = state.owner if rows is None else state.owner[rows]
        owned = self.frames("self", days, owner, names)
        return [beside_owner(frame, theirs) for frame, theirs in zip(own, owned, strict=True)]


def with_sources(setting: Setting, key: str, names: frozenset[str]) -> frozenset[str]:
    """The names and all that derived ones among them are computed from."""
    wanted = set(names)
    for attribute in reversed(setting.derived.get(key, ())):
        if attribute.name in wanted:
            wanted.update(reads(parse_derivation(attribute.derived or "")))
    return frozenset(wanted)


@functools.lru_cache(maxsize=4096)
def _derivation(text: str, on: dt.date) -> pl.Expr:
    return column(parse_derivation(text), on)


def complete(
    setting: Setting, key: str, frame: pl.DataFrame, on: dt.date, wanted: frozenset[str] | None = None
) -> pl.DataFrame:
    """The frame with the (wanted) derived attributes whose sources it has."""
    for attribute in setting.derived.get(key, ()):
        if wanted is not None and attribute.name not in wanted:
            continue
        if all(source in frame.columns for source in reads(parse_derivation(attribute.derived or ""))):
            frame = frame.with_columns(_derivation(attribute.derived or "", on).alias(attribute.name))
    return frame


def beside_owner(own: pl.DataFrame, owned: pl.DataFrame) -> pl.DataFrame:
    """The items' columns, and their owners' under their own names where the item has none so called."""
    return own.hstack(owned.select([name for name in owned.columns if name not in own.columns]))
