"""From wanting to having: searches, views, starts, cases, decisions, and what a success changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from catalog.duty import AroundAnchor, Before, Recurring, Within
from catalog.catalogue import Item
from models.standing.windows import ONCE, neighbours
from models.standing.working_days import WorkingCalendar
from pipelines.city.block import Block
from pipelines.city.demand import Demanded, People, needs_no_application, yields
from pipelines.city.journal import DAY_MICROSECONDS, Journal, moment
from pipelines.city.life import Month, change
from pipelines.city.papers import FOREVER, Papers
from pipelines.city.population import add_items
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.scope_state import NO_DAY, ScopeState
from pipelines.city.wants import ScopeWants, Wants
from pipelines.city.world import ItemKnob

STATUSES = ("open", "succeeded", "failed", "withdrawn", "self_declared")
OPEN, SUCCEEDED, FAILED, WITHDRAWN, SELF_DECLARED = range(5)
QUERY_FORMS = 4
"""Ways of putting an item into a search box; see `city.wording`."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Successes of one scope and item whose effects are still to come."""

    scope: str
    item: Item
    rows: Ints
    days: Ints


@dataclass(slots=True)
class Journeys:
    """All journeys of one block."""

    block: Block
    wants: Wants
    papers: Papers
    journal: Journal
    calendar: WorkingCalendar
    channels: tuple[str, ...]
    scopes: tuple[str, ...]
    codes: Mapping[str, int]
    """Item id to its number in the city."""
    settled: dict[int, list[Settled]] = field(default_factory=dict)
    """By the month number in which the effects show."""

    def take_effect(self, month: Month) -> None:
        """Bring about what last month's (and earlier) successes change."""
        due = [number for number in self.settled if number <= month.number]
        for number in sorted(due):
            for settled in self.settled.pop(number):
                self._effect(settled, month)

    def step(self, scope: str, demanded: Demanded, who: People, month: Month, *, logged: bool) -> None:
        """One month of one scope: new intents, looking, starting, giving up."""
        wants, rng = self.wants.by_scope[scope], self.block.rng("journey", scope, month.number)
        state = self.block.states[scope]
        if not wants.items or not state.rows:
            return
        from_day = self.quiet_from(scope, month)
        active = (state.alive & self.block.living[state.owner] & (from_day <= month.first_day + month.days - 1))
        new = rng.random(demanded.rate.shape, dtype=np.float32) < -np.expm1(-demanded.rate)
        new &= (wants.pending == 0) & (wants.busy == 0) & active[:, None]
        rows, columns = np.nonzero(new)
        online = rng.random(len(rows)) < who.online[state.owner[rows]]
        wants.pending[rows, columns] = np.where(online, 1, 2)
        last = month.first_day + month.days - 1
        self._look(scope, wants, new, demanded, (from_day, last), rng, logged=logged)
        self._start(scope, wants, demanded, (from_day, last), month, rng, logged=logged)

    def quiet_from(self, scope: str, month: Month) -> Ints:
        """The first day of the month on which nothing of the row's facts will change any more."""
        state = self.block.states[scope]
        quiet = np.full(state.rows, month.first_day, dtype=np.int64)
        for place in {scope, "self"}:
            for days in self.block.states[place].changed.values():
                index = np.arange(state.rows) if place == scope else state.owner
                known = index < len(days)
                quiet[known] = np.maximum(quiet[known], days[index[known]] + 1)
        return np.maximum(quiet, state.born + 1)

    def all_quiet(self, month: Month) -> Ints:
        """By subject: the first day on which nothing of anything of theirs will change any more."""
        quiet = self.quiet_from("self", month)
        for scope in self.scopes:
            state = self.block.states[scope]
            np.maximum.at(quiet, state.owner, np.where(_there(state, month), self.quiet_from(scope, month), 0))
        return quiet

    def _look(
        self, scope: str, wants: ScopeWants, new: Bools, demanded: Demanded, span: tuple[Ints, int],
        rng: np.random.Generator, *, logged: bool,
    ) -> None:  # fmt: skip
        if not logged:
            return
        knobs = self.block.setting.world.journey
        from_day, last = span
        chance = np.where(wants.pending == 1, knobs.view, 0.0).astype(np.float32)
        idle = (wants.pending == 0) & demanded.allowed
        chance += idle * np.minimum(knobs.noise_view * demanded.appeal, 0.5)
        seen = (rng.random(chance.shape, dtype=np.float32) < chance) & (from_day <= last)[:, None]
        rows, columns = np.nonzero(seen)
        when = _when(from_day[rows], last, rng.random(len(rows)) * 0.5, rng)
        item = self._codes(wants)[columns]
        self.journal.act("view", self.scopes.index(scope), rows, item, when)
        searched = (wants.pending[rows, columns] == 1) & (rng.random(len(rows)) < knobs.search)
        searched &= new[rows, columns]
        before = when[searched] - rng.integers(20_000_000, 600_000_000, int(searched.sum()))
        self.journal.act(
            "search", self.scopes.index(scope), rows[searched], item[searched], before,
            query=rng.integers(0, QUERY_FORMS, int(searched.sum())),
        )  # fmt: skip

    def _start(
        self, scope: str, wants: ScopeWants, demanded: Demanded, span: tuple[Ints, int], month: Month,
        rng: np.random.Generator, *, logged: bool,
    ) -> None:  # fmt: skip
        knobs = self.block.setting.world.journey
        from_day, last = span
        wants.busy[(wants.busy > 0) & (wants.busy < month.first_day)] = 0
        rows, columns = np.nonzero((wants.pending > 0) & (from_day <= last)[:, None])
        missing = self.papers.missing(self.block, scope, wants, (rows, columns), month.first_day)
        chance = knobs.start * knobs.paper_friction**missing * demanded.allowed[rows, columns]
        chance = np.where((wants.busy[rows, columns] > 0) | self.block.showcase, 0.0, chance)
        starts = rng.random(len(rows)) < chance
        dropped = ~starts & (rng.random(len(rows)) < knobs.drop)
        wants.pending[rows[dropped], columns[dropped]] = 0
        rows, columns, missing = rows[starts], columns[starts], missing[starts]
        online = wants.pending[rows, columns] == 1
        at = _when(from_day[rows], last, 0.5 + rng.random(len(rows)) * 0.5, rng)
        item, code = self._codes(wants)[columns], self.scopes.index(scope)
        abandoned = online & (rng.random(len(rows)) < knobs.abandon)
        wants.pending[rows, columns] = np.where(abandoned, wants.pending[rows, columns], 0)
        going = ~abandoned
        if logged:
            self.journal.act("start", code, rows[online], item[online], at[online])
            sent = online & going
            self.journal.act("submit", code, rows[sent], item[sent], at[sent] + 240_000_000)
        self._decide(
            scope, wants, (rows[going], columns[going]), missing[going], online[going], at[going], month, rng,
            logged=logged,
        )  # fmt: skip

    def _decide(
        self, scope: str, wants: ScopeWants, pairs: tuple[Ints, Ints], missing: Ints, online: Bools, at: Ints,
        month: Month, rng: np.random.Generator, *, logged: bool,
    ) -> None:  # fmt: skip
        rows, columns = pairs
        if not len(rows):
            return
        knobs = self.block.setting.world.journey
        opened = at + 240_000_000
        days = self._decision_days(wants)[columns] * np.exp(knobs.decision_sigma * rng.standard_normal(len(rows)))
        closed = opened + (np.maximum(days, 0.01) * DAY_MICROSECONDS).astype(np.int64)
        status = self._outcome(missing, rng)
        score = np.where(
            (status == SUCCEEDED) & (rng.random(len(rows)) < knobs.rating), self._scores(days, rng), -1
        )
        channel = np.where(online, 0, self._hall(len(rows), rng))
        cycle = self._cycles(scope, wants, rows, columns, opened)
        self.journal.cases.write(
            {
                "scope": self.scopes.index(scope), "row": rows, "item": self._codes(wants)[columns],
                "cycle": cycle, "status": status, "channel": channel, "opened": opened, "closed": closed,
                "score": score,
            }
        )  # fmt: skip
        self._conclude(scope, wants, pairs, (status, opened, closed), online, rng, logged=logged)

    def _conclude(
        self, scope: str, wants: ScopeWants, pairs: tuple[Ints, Ints], outcome: tuple[Ints, Ints, Ints],
        online: Bools, rng: np.random.Generator, *, logged: bool,
    ) -> None:  # fmt: skip
        rows, columns = pairs
        status, _, closed = outcome
        closed_day = closed // DAY_MICROSECONDS
        good = (status == SUCCEEDED) | (status == SELF_DECLARED)
        again = (status == FAILED) & (rng.random(len(rows)) < 0.5)
        wants.pending[rows[again], columns[again]] = np.where(online[again], 1, 2)
        wants.busy[rows, columns] = closed_day
        wants.done[rows[good], columns[good]] = closed_day[good]
        wants.need[rows[good], columns[good]] = 0.0
        if logged:
            told = (status == SUCCEEDED) & online
            self.journal.act(
                "complete", self.scopes.index(scope), rows[told], self._codes(wants)[columns[told]], closed[told]
            )
        for n in np.unique(columns[good]):
            mine = good & (columns == n)
            self._settle(scope, wants.items[n], rows[mine], closed_day[mine])

    def _settle(self, scope: str, item: Item, rows: Ints, days: Ints) -> None:
        """Queue effects for the month after the decision, when every fact is quiet again."""
        for number in np.unique(_month_number(self.block, days)):
            mine = _month_number(self.block, days) == number
            self.settled.setdefault(int(number) + 1, []).append(Settled(scope, item, rows[mine], days[mine]))

    def _effect(self, settled: Settled, month: Month) -> None:
        block, item, scope = self.block, settled.item, settled.scope
        knob = block.setting.world.demand.items.get(item.id) or ItemKnob()
        rng = block.rng("effect", item.id, month.number, int(settled.days.min()))
        state = block.states[scope]
        own = {name: draw for name, draw in knob.effects.items() if name in state.types}
        owners = {name: draw for name, draw in knob.effects.items() if name not in state.types}
        change(block, scope, settled.rows, own, settled.days, rng)
        change(block, "self", state.owner[settled.rows], owners, settled.days, rng)
        for other, fixed in knob.spawn.items():
            add_items(block, other, state.owner[settled.rows], {}, fixed, settled.days)
            self.wants.grow(block)
        if knob.ends:
            state.alive[settled.rows] = False
        for paper in yields(item):
            if paper in self.papers.types:
                until = np.full(len(settled.rows), int(FOREVER), dtype=np.int64)
                self.papers.give(block, scope, paper, settled.rows, settled.days, until)

    def _outcome(self, missing: Ints, rng: np.random.Generator) -> Ints:
        knobs = self.block.setting.world.journey
        draw = rng.random(len(missing))
        failed = knobs.failed + knobs.failed_missing * np.minimum(missing, 3)
        edges = np.cumsum(
            np.column_stack([np.full(len(missing), knobs.withdrawn), failed, np.full(len(missing), knobs.self_declared)]),
            axis=1,
        )
        which = (draw[:, None] >= edges).sum(axis=1)
        return np.array([WITHDRAWN, FAILED, SELF_DECLARED, SUCCEEDED])[which]

    def _scores(self, days: Floats, rng: np.random.Generator) -> Ints:
        """好差评: slow decisions are rated worse."""
        shares = self.block.setting.world.journey.score
        scores = np.array([int(score) for score in shares])
        drawn = rng.choice(scores, size=len(days), p=np.array(list(shares.values())) / sum(shares.values()))
        return np.clip(drawn - (days > 20) - (days > 60), 1, 5)

    def _hall(self, count: int, rng: np.random.Generator) -> Ints:
        shares = self.block.setting.world.journey.hall_channels
        weights = np.array(list(shares.values()))
        codes = np.array([self.channels.index(name) for name in shares])
        return codes[rng.choice(len(codes), size=count, p=weights / weights.sum())]

    def _decision_days(self, wants: ScopeWants) -> Floats:
        knobs = self.block.setting.world
        days = []
        for item in wants.items:
            knob = knobs.demand.items.get(item.id)
            usual = knobs.journey.decision_days[str(item.level)]
            if needs_no_application(item):
                usual = 0.1
            days.append(knob.days if knob is not None and knob.days is not None else usual)
        return np.array(days)

    def _codes(self, wants: ScopeWants) -> Ints:
        return np.array([self.codes[item.id] for item in wants.items], dtype=np.int64)

    def _cycles(self, scope: str, wants: ScopeWants, rows: Ints, columns: Ints, opened: Ints) -> Ints:
        state = self.block.states[scope]
        names = np.zeros(len(rows), dtype=np.int64)
        for k, (row, column, at) in enumerate(zip(rows, columns, opened, strict=True)):
            item = wants.items[column]
            day = dt.date(1970, 1, 1) + dt.timedelta(days=int(at // DAY_MICROSECONDS))
            names[k] = self.journal.cycle(self._cycle(item, state, int(row), day))
        return names

    def _cycle(self, item: Item, state: object, row: int, day: dt.date) -> str:
        rule = item.duty.rule if item.duty is not None else None
        if rule is None:
            return ONCE
        if isinstance(rule, Within | Before | AroundAnchor | Recurring):
            anchor = _anchor(self.block, item, row, rule.anchor)
            if anchor is None:
                return ONCE
            if not isinstance(rule, Recurring):
                return f"{ONCE}:{anchor.isoformat()}"
            return _cached_cycle(self, item, anchor, day)
        return _cached_cycle(self, item, None, day)


def _there(state: ScopeState, month: Month) -> Bools:
    """The items that exist by the end of a month."""
    return state.alive & (state.born <= month.first_day + month.days - 1)


def _anchor(block: Block, item: Item, row: int, name: str) -> dt.date | None:
    state = block.states[str(item.scope)]
    if name not in state.columns:
        state, row = block.subjects, int(state.owner[row])
    if name not in state.columns or state.columns[name][row] == NO_DAY:
        return None
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(state.columns[name][row]))


_CYCLES: dict[tuple[str, dt.date | None, dt.date], str] = {}


def _cached_cycle(journeys: Journeys, item: Item, anchor: dt.date | None, day: dt.date) -> str:
    """The cycle that is open on a day, or the one that closed last, or the next."""
    key = (item.id, anchor, day)
    known = _CYCLES.get(key)
    if known is None and item.duty is not None:
        around = neighbours(item.duty, anchor, day, journeys.calendar)
        window = around.open[-1] if around.open else around.closed or around.next
        known = _CYCLES[key] = window.cycle if window is not None else ONCE
    return known or ONCE


def _month_number(block: Block, days: Ints) -> Ints:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    start = block.setting.log_from
    return months - ((start.year - 1970) * 12 + start.month - 1)


def _when(from_day: Ints, last: int, fraction: Floats, rng: np.random.Generator) -> Ints:
    """A moment a fraction of the way from a day to the month's last, at some hour."""
    day = from_day + np.floor((last - from_day + 1) * np.minimum(fraction, 0.999)).astype(np.int64)
    return moment(day, rng.random(len(day)))
