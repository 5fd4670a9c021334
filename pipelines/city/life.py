"""Lives unfold: hidden events strike, change attributes, bring needs, and may be seen by registers."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.city.block import Block
from pipelines.city.draw_spec import Draw
from pipelines.city.draws import Drawing, holds, holds_each, names_in, names_read
from pipelines.city.population import add_items
from pipelines.city.randomness import Bools, Ints
from pipelines.city.scope_state import day_number
from pipelines.city.wants import Wants
from pipelines.city.world import Event, Stage, World


@dataclass(frozen=True, slots=True)
class Month:
    """One simulated month."""

    number: int
    """Counted from the first logged month; the warm-up is negative."""
    first: dt.date
    last: dt.date

    @property
    def first_day(self) -> int:
        """Its first day as a day number."""
        return day_number(self.first)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Due:
    """A stage of an event waiting for its month."""

    name: str
    stage: Stage
    rows: Ints
    days: Ints
    """Day of the event itself."""


@dataclass(slots=True)
class Happening:
    """What truth keeps of an event: which rows, when, and when it was foreseeable."""

    name: str
    scope: str
    rows: Ints
    days: Ints
    began: Ints


@dataclass(frozen=True, slots=True)
class Brought:
    """A stage as it came about: on which rows, in which month, on which days."""

    name: str
    stage: Stage
    month: int
    rows: Ints
    days: Ints


@dataclass(slots=True)
class Life:
    """The events of one block, month by month."""

    block: Block
    wants: Wants
    queue: dict[int, list[Due]] = field(default_factory=dict)
    happened: list[Happening] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)

    def unfold(self, month: Month) -> None:
        """Strike the month's new events, then bring every stage that is due."""
        frames: dict[str, pl.DataFrame] = {}
        for name, event in self.block.setting.world.events.items():
            if event.kind == self.block.kind:
                self._strike(name, event, month, frames)
        for due in self.queue.pop(month.number, []):
            self._bring(due, self.block.setting.world.events[due.name], month)

    def _strike(self, name: str, event: Event, month: Month, frames: dict[str, pl.DataFrame]) -> None:
        if event.months and month.first.month not in event.months:
            return
        if event.scope not in frames:
            names = _read_by(self.block.setting.world, self.block.kind, event.scope)
            frames[event.scope] = self.block.frame(event.scope, month.first, None, names)
        rows = self._struck(name, event, month, frames[event.scope])
        if not len(rows):
            return
        lead = -min(0, *(stage.month for stage in event.stages))
        rng = self.block.rng("event-day", name, month.number)
        begins = month.first_day + rng.integers(0, month.days, len(rows))
        days = begins + np.round(lead * 30.44).astype(np.int64)
        self.happened.append(Happening(name, event.scope, rows, days, begins))
        for stage in event.stages:
            chosen = rng.random(len(rows)) < stage.share
            due = Due(name, stage, rows[chosen], days[chosen])
            self.queue.setdefault(month.number + lead + stage.month, []).append(due)

    def _struck(self, name: str, event: Event, month: Month, frame: pl.DataFrame) -> Ints:
        state = self.block.states[event.scope]
        rate = np.full(state.rows, event.yearly / 12.0)
        if event.months:
            rate *= 12.0 / len(event.months)
        if event.season:
            rate *= event.season[month.first.month - 1]
        # New items of this month are not yet in the frame; nothing strikes them before the next.
        known = frame.height
        chance = self.block.rng("strike", name, month.number).random(known)
        rate = rate[:known]
        maybe = chance < -np.expm1(-rate * _largest(event))
        rows = np.flatnonzero(maybe & state.alive[:known] & self._strikable(state.owner[:known]))
        if not len(rows):
            return rows
        held = holds_each(frame[rows], (event.when, *event.factors))
        factors = np.where(held[:, 1:], np.array(list(event.factors.values())), 1.0)
        rates = rate[rows] * factors.prod(axis=1) * held[:, 0]
        return np.asarray(rows[chance[rows] < -np.expm1(-rates)])

    def _strikable(self, owner: Ints) -> Bools:
        return np.asarray(self.block.living[owner] & ~self.block.curated[owner])

    def _bring(self, due: Due, event: Event, month: Month) -> None:
        block, state, stage = self.block, self.block.states[event.scope], due.stage
        kept = state.alive[due.rows] & block.living[state.owner[due.rows]]
        rows, days = due.rows[kept], _within(due.days[kept] + round(stage.month * 30.44), month)
        if stage.when is not None and len(rows):
            kept = holds(block.frame(event.scope, month.first, rows, names_in(stage.when)), stage.when)
            rows, days = rows[kept], days[kept]
        if not len(rows):
            return
        self.brought.append(Brought(due.name, stage, month.number, rows, days))
        rng = block.rng("stage", due.name, stage.month, month.number, len(self.happened))
        owner = state.owner[rows]
        change(block, event.scope, rows, stage.set, days, rng)
        change(block, "self", owner, stage.set_owner, days, rng)
        spouse = block.spouse[owner]
        change(block, "self", spouse[spouse >= 0], stage.set_spouse, days[spouse >= 0], rng)
        spawned = {
            scope: add_items(block, scope, owner, {}, fixed, days) for scope, fixed in stage.spawn.items()
        }
        if stage.ends:
            self._end(event.scope, rows, days)
        self.wants.grow(block)
        self.wants.need(block, event.scope, rows, spawned, stage.needs)

    def _end(self, scope: str, rows: Ints, days: Ints) -> None:
        if scope == "self":
            self.block.died[rows] = days
        self.block.states[scope].alive[rows] = False


def change(
    block: Block,
    scope: str,
    rows: Ints,
    settings: Mapping[str, Draw],
    days: Ints,
    rng: np.random.Generator,
    told: Ints | None = None,
) -> None:
    """Set attributes of some items as of some days, and tell the registers (on `told`, or those days)."""
    if not settings or not len(rows):
        return
    state = block.states[scope]
    day = dt.date(1970, 1, 1) + dt.timedelta(days=int(days.max()))
    stored = block.setting.stored.get(state.key, {})
    nothing = pl.DataFrame({"_row": rows})
    for name, draw in settings.items():
        column, names = state.columns[name], names_read(draw)
        if draw.add is not None:
            # One by one: the same owner may lose two employees in a month.
            np.add.at(column, rows, draw.add)
            column[rows] = np.clip(column[rows], draw.low, draw.high)
        else:
            frame = block.frame(scope, day, rows, names) if names else nothing
            column[rows] = Drawing(frame, rng, days).draw(draw, state.types[name])
        if name in stored:
            state.touch(stored[name].register, rows, days if told is None else told)


@functools.lru_cache(maxsize=64)
def _names_read(conditions: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(names_in(condition) for condition in conditions))


def _read_by(world: World, kind: str, scope: str) -> frozenset[str]:
    """The attributes that conditions and factors of a scope's events read."""
    mine = [event for event in world.events.values() if event.kind == kind and event.scope == scope]
    return _names_read(tuple(condition for event in mine for condition in (event.when, *event.factors)))


def _within(days: Ints, month: Month) -> Ints:
    return np.clip(days, month.first_day, month.first_day + month.days - 1)


def _largest(event: Event) -> float:
    """An upper bound of the factors, so that most rows need not be looked at."""
    bound = 1.0
    for factor in event.factors.values():
        bound *= max(1.0, factor)
    return bound
