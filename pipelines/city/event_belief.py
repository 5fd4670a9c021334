"""Needs that events call for, as far as they could be known: from registers, else guessed from behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.city.block import Block
from pipelines.city.demand import Demanded, Matrix
from pipelines.city.draws import holds_each, names_in
from pipelines.city.life import Brought, Life, Month
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.traces import Traces
from pipelines.city.visibility import told
from pipelines.city.wants import Wants
from pipelines.city.world import Event

LOOK_BACK = 6
"""Months an event may lie back and still be guessed at."""
FLOOR = 2e-3
"""Intents a month of a pair that nothing calls for: curiosity."""
_MOST = 30.0


@dataclass(slots=True)
class EventBelief:
    """Expected needs at the start of a month and in the months after it, scope by scope."""

    block: Block
    life: Life
    wants: Wants
    cut: Month

    def needs(
        self, horizon: int, demanded: dict[str, Demanded], pulls: dict[str, Matrix], traces: Traces
    ) -> dict[str, list[Matrix]]:
        """By scope: rows x items of expected need in each month from the cut."""
        paths = {
            scope: [np.zeros(wants.need.shape, dtype=np.float32) for _ in range(horizon)]
            for scope, wants in self.wants.by_scope.items()
        }
        known = self._known(paths)
        for name, event in self.block.setting.world.events.items():
            if event.kind == self.block.kind and any(stage.needs for stage in event.stages):
                self._guess(name, event, paths, known.get(name), demanded, pulls, traces)
        return paths

    def to_come(self, horizon: int) -> dict[str, list[Matrix]]:
        """What is truly called for: what is left of it, and what begun events will still bring."""
        paths = {
            scope: [wants.need * np.float32(self._left(month + 1)) for month in range(horizon)]
            for scope, wants in self.wants.by_scope.items()
        }
        for number, dues in self.life.queue.items():
            for due in dues:
                stage = Brought(due.name, due.stage, number, due.rows, due.days)
                self._add(paths, stage, np.ones(len(due.rows), dtype=np.bool_), self.cut.number - number)
        return paths

    def _known(self, paths: dict[str, list[Matrix]]) -> dict[str, Bools]:
        """Add what visible events have called for and will; returns by event the rows it is known of."""
        seen: dict[str, Bools] = {}
        for brought in self.life.brought:
            rows = self.block.states[self._event(brought.name).scope].rows
            known = seen.setdefault(brought.name, np.zeros(rows, dtype=np.bool_))
            if brought.month >= self.cut.number - 2 * LOOK_BACK:
                known[brought.rows[told(self.block, brought, self.cut.first_day)]] = True
        for brought in self.life.brought:
            mine = seen[brought.name][brought.rows]
            self._add(paths, brought, mine, self.cut.number - brought.month)
        for number, dues in self.life.queue.items():
            for due in dues:
                if due.name in seen:
                    stage = Brought(due.name, due.stage, number, due.rows, due.days)
                    self._add(paths, stage, seen[due.name][due.rows], self.cut.number - number)
        return seen

    def _add(self, paths: dict[str, list[Matrix]], brought: Brought, mine: Bools, ago: int) -> None:
        """Spread a stage's needs over the months from the cut; `ago` is negative for what is to come."""
        event = self._event(brought.name)
        rows = brought.rows[mine]
        for item, strength in brought.stage.needs.items() if len(rows) else ():
            for scope, path in paths.items():
                column = self.wants.by_scope[scope].column.get(item)
                if column is None:
                    continue
                places = self._places(event.scope, rows, scope)
                days = brought.days[mine] if len(places) == len(rows) else brought.days.min()
                still = strength * (self.wants.by_scope[scope].done[places, column] < days)
                for month, matrix in enumerate(path):
                    if month + ago >= 0:
                        matrix[places, column] += still * self._left(month + ago)

    def _left(self, months: int) -> float:
        """What is left of a need after some months."""
        return float(0.5 ** (months / self.block.setting.world.demand.need_half_life))

    def _places(self, scope: str, rows: Ints, other: str) -> Ints:
        owner = self.block.states[scope].owner[rows]
        if other == scope:
            return rows
        if other == "self":
            return owner
        mine = np.zeros(self.block.subjects.rows, dtype=np.bool_)
        mine[owner] = True
        return np.flatnonzero(mine[self.block.states[other].owner])

    def _event(self, name: str) -> Event:
        return self.block.setting.world.events[name]

    def _guess(
        self, name: str, event: Event, paths: dict[str, list[Matrix]], known: Bools | None,
        demanded: dict[str, Demanded], pulls: dict[str, Matrix], traces: Traces,
    ) -> None:  # fmt: skip
        """Weigh, by what was looked at, whether an event nobody was told of has begun, and when."""
        scope = event.scope
        if scope not in demanded:
            return
        prior = self._prior(event, scope, known)
        rows = np.flatnonzero(prior > 1e-6)
        lead = -min(0, *(stage.month for stage in event.stages))
        columns = self._columns(event, scope)
        if not len(rows) or not columns:
            return
        begins = range(self.cut.number - LOOK_BACK, self.cut.number)
        log = np.zeros((len(rows), LOOK_BACK))
        for item_stages, column in columns:
            pull = (demanded[scope].visible_pull[rows, column] * pulls[scope][rows, column]).astype(
                np.float64
            )
            usual = demanded[scope].usual[rows, column] * pull + FLOOR
            for month in begins:
                marks = self._marks(traces, scope, column, month)[rows]
                for n, begin in enumerate(begins):
                    need = 0.7 * pull * self._strength(item_stages, month - begin - lead)
                    log[:, n] += marks * np.log1p(need / usual) - need
        odds = prior[rows, None] * np.exp(np.clip(log, -_MOST, _MOST))
        chance = odds / (
            odds.sum(axis=1, keepdims=True) + 1.0 - np.minimum(LOOK_BACK * prior[rows, None], 0.99)
        )
        self._expect(event, scope, rows, chance, prior[rows], paths, begins, lead)

    def _expect(
        self, event: Event, scope: str, rows: Ints, chance: Floats, prior: Floats,
        paths: dict[str, list[Matrix]], begins: range, lead: int,
    ) -> None:  # fmt: skip
        for item_stages, column in self._columns(event, scope):
            for month, matrix in enumerate(paths[scope]):
                number = self.cut.number + month
                past = [self._strength(item_stages, number - begin - lead) for begin in begins]
                ahead = range(self.cut.number, number + 1)
                new = sum(self._strength(item_stages, number - begin - lead) for begin in ahead)
                matrix[rows, column] += (chance @ np.array(past) + prior * new).astype(np.float32)

    def _prior(self, event: Event, scope: str, known: Bools | None) -> Floats:
        """By row: the chance that the event began in one month; 0 where it is known or cannot be."""
        state = self.block.states[scope]
        conditions = (event.when, *event.factors)
        names = frozenset[str]().union(*map(names_in, conditions))
        held = holds_each(self.block.frame(scope, self.cut.first, None, names), conditions)
        factors = np.where(held[:, 1:], np.array(list(event.factors.values())), 1.0).prod(axis=1)
        # An event that struck unseen may have ended its own condition; nobody could tell.
        possible = held[:, 0] | self._unseen(event, state.rows)
        rate = event.yearly / 12.0 * factors * possible * state.alive * self.block.living[state.owner]
        if event.months:
            rate = rate * (self.cut.first.month in event.months) * 12.0 / len(event.months)
        chance = -np.expm1(-rate)
        return np.asarray(
            chance if known is None else np.where(known[: state.rows], 0.0, chance[: state.rows])
        )

    def _unseen(self, event: Event, rows: int) -> Bools:
        struck = np.zeros(rows, dtype=np.bool_)
        for happening in self.life.happened:
            if self._event(happening.name) is event and len(happening.began):
                recent = happening.began >= self.cut.first_day - 31 * LOOK_BACK
                struck[happening.rows[recent]] = True
        return struck

    def _columns(self, event: Event, scope: str) -> list[tuple[tuple[tuple[int, float], ...], int]]:
        """Per item of the event in its scope: (stage month, strength), and the item's column."""
        items = {item for stage in event.stages for item in stage.needs}
        column = self.wants.by_scope[scope].column
        return [
            (tuple((s.month, s.needs[item] * s.share) for s in event.stages if item in s.needs), column[item])
            for item in sorted(items)
            if item in column
        ]

    def _strength(self, stages: tuple[tuple[int, float], ...], since: int) -> float:
        """The need so many months after the event (negative: before)."""
        return sum(strength * self._left(since - month) for month, strength in stages if since >= month)

    def _marks(self, traces: Traces, scope: str, column: int, month: int) -> Floats:
        marks = np.zeros(self.block.states[scope].rows)
        for trace in traces.of(scope, "intent"):
            if trace.month == month:
                np.add.at(marks, trace.rows[trace.columns == column], 1.0)
        return marks
