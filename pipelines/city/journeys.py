"""From wanting to having: intents arise, people look, start, hand in, or let it be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.city.block import Block
from pipelines.city.decisions import FAILED, HAND_IN, SUCCEEDED, Decided, Decisions, HandedIn
from pipelines.city.demand import Demanded, People
from pipelines.city.effects import Effects
from pipelines.city.journal import Journal
from pipelines.city.life import Month
from pipelines.city.papers import Papers
from pipelines.city.randomness import Bools, Ints
from pipelines.city.traces import Traces
from pipelines.city.turn import Turn, quiet_from
from pipelines.city.wants import Wants
from pipelines.city.wording import FORMS

ONLINE, IN_PERSON = 1, 2


@dataclass(slots=True)
class Journeys:
    """All journeys of one block."""

    block: Block
    wants: Wants
    papers: Papers
    journal: Journal
    decisions: Decisions
    effects: Effects
    items: Mapping[str, Ints]
    """By scope: the city's numbers of its items."""
    traces: Traces

    def step(self, scope: str, demanded: Demanded, who: People, month: Month, *, logged: bool) -> None:
        """One month of one scope."""
        state, wants = self.block.states[scope], self.wants.by_scope[scope]
        turn = Turn(
            scope, list(self.block.states).index(scope), state, wants, demanded, self.items[scope],
            quiet_from(self.block, scope, month), month, self.block.rng("journey", scope, month.number),
            logged,
        )  # fmt: skip
        new = self._want(turn, who)
        self._look(turn, new)
        self._start(turn)

    def _want(self, turn: Turn, who: People) -> Bools:
        """New intents: online for those so inclined, else in person."""
        wants, state = turn.wants, turn.state
        here = state.alive & self.block.living[state.owner] & turn.active
        new = turn.chance(turn.demanded.rate.shape) < -np.expm1(-turn.demanded.rate)
        new &= (wants.pending == 0) & (wants.busy == 0) & here[:, None]
        rows, columns = np.nonzero(new)
        online = turn.rng.random(len(rows)) < who.online[state.owner[rows]]
        wants.pending[rows, columns] = np.where(online, ONLINE, IN_PERSON)
        return new

    def _look(self, turn: Turn, new: Bools) -> None:
        """Views of what is wanted and of what merely catches the eye; some find it by searching."""
        knobs, wants = self.block.setting.world.journey, turn.wants
        chance = np.where(wants.pending == ONLINE, knobs.view, 0.0).astype(np.float32)
        idle = (wants.pending == 0) & turn.demanded.allowed
        chance += idle * np.minimum(knobs.noise_view * turn.demanded.appeal, 0.5)
        seen = (turn.chance(chance.shape) < chance) & turn.active[:, None]
        rows, columns = np.nonzero(seen)
        first = new[rows, columns] & (wants.pending[rows, columns] == ONLINE)
        self.traces.leave(turn.scope, turn.month.number, "view", rows, columns)
        self.traces.leave(turn.scope, turn.month.number, "intent", rows[first], columns[first])
        if not turn.logged:
            return
        when = turn.when(rows, turn.rng.random(len(rows)) * 0.5)
        items = turn.items[columns]
        self.journal.act("view", turn.code, rows, items, when)
        asked = first & (turn.rng.random(len(rows)) < knobs.search)
        ago = turn.rng.integers(20_000_000, 600_000_000, int(asked.sum()))
        form = turn.rng.integers(0, FORMS, int(asked.sum()))
        self.journal.act("search", turn.code, rows[asked], items[asked], when[asked] - ago, query=form)

    def _start(self, turn: Turn) -> None:
        """Some of what is pending is started, with friction from missing papers; some is dropped."""
        knobs, wants = self.block.setting.world.journey, turn.wants
        wants.busy[(wants.busy > 0) & (wants.busy < turn.month.first_day)] = 0
        rows, columns = np.nonzero((wants.pending > 0) & turn.active[:, None])
        missing = self.papers.missing(self.block, turn.scope, wants, (rows, columns), turn.month.first_day)
        open_to = turn.demanded.allowed[rows, columns] & (wants.busy[rows, columns] == 0)
        chance = (
            knobs.start
            * knobs.paper_friction**missing
            * open_to
            * ~self.block.curated[turn.state.owner[rows]]
        )
        starts = turn.rng.random(len(rows)) < chance
        dropped = ~starts & (turn.rng.random(len(rows)) < knobs.drop)
        wants.pending[rows[dropped], columns[dropped]] = 0
        self._hand_in(turn, rows[starts], columns[starts], missing[starts])

    def _hand_in(self, turn: Turn, rows: Ints, columns: Ints, missing: Ints) -> None:
        """What is started is handed in, unless it is abandoned online half-way."""
        wants, rng = turn.wants, turn.rng
        online = wants.pending[rows, columns] == ONLINE
        at = turn.when(rows, 0.5 + rng.random(len(rows)) * 0.5)
        abandoned = online & (rng.random(len(rows)) < self.block.setting.world.journey.abandon)
        going = ~abandoned
        wants.pending[rows[going], columns[going]] = 0
        self.traces.leave(turn.scope, turn.month.number, "intent", rows[~online], columns[~online])
        self.traces.leave(turn.scope, turn.month.number, "use", rows[going], columns[going])
        if turn.logged:
            items, sent = turn.items[columns], online & going
            self.journal.act("start", turn.code, rows[online], items[online], at[online])
            self.journal.act("submit", turn.code, rows[sent], items[sent], at[sent] + HAND_IN)
        if going.any():
            handed = HandedIn(rows[going], columns[going], missing[going], online[going], at[going])
            self._conclude(turn, handed, self.decisions.decide(turn, handed))

    def _conclude(self, turn: Turn, handed: HandedIn, decided: Decided) -> None:
        """Remember what is done or under way, and queue what it changes."""
        wants, rows, columns = turn.wants, handed.rows, handed.columns
        good, days = decided.good, decided.closed_day
        again = (decided.status == FAILED) & (turn.rng.random(len(rows)) < 0.5)
        wants.pending[rows[again], columns[again]] = np.where(handed.online[again], ONLINE, IN_PERSON)
        wants.busy[rows, columns] = days
        wants.done[rows[good], columns[good]] = days[good]
        wants.need[rows[good], columns[good]] = 0.0
        if turn.logged:
            told = (decided.status == SUCCEEDED) & handed.online
            self.journal.act(
                "complete", turn.code, rows[told], turn.items[columns[told]], decided.closed[told]
            )
        for n in np.unique(columns[good]):
            mine = good & (columns == n)
            self.effects.await_month(turn.scope, wants.items[n], rows[mine], days[mine])
