"""What becomes of what is handed in: status, channel, cycle, days until the decision, rating."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from catalog.catalogue import Item
from catalog.duty import AroundAnchor, Before, Recurring, Within
from models.standing.windows import ONCE, neighbours
from models.standing.working_days import WorkingCalendar
from pipelines.city.block import Block
from pipelines.city.demand import needs_no_application
from pipelines.city.journal import DAY_MICROSECONDS, Journal
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.scope_state import NO_DAY
from pipelines.city.turn import Turn

STATUSES = ("open", "succeeded", "failed", "withdrawn", "self_declared")
OPEN, SUCCEEDED, FAILED, WITHDRAWN, SELF_DECLARED = range(5)
HAND_IN = 240_000_000
"""Microseconds from starting to handing in."""
CHANNELS = ("online", "hall", "terminal", "hotline")


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Pairs handed in this month."""

    rows: Ints
    columns: Ints
    missing: Ints
    online: Bools
    at: Ints


@dataclass(frozen=True, slots=True)
class Decided:
    """How and when pairs were decided."""

    status: Ints
    closed_day: Ints
    closed: Ints

    @property
    def good(self) -> Bools:
        """Done, or said to be."""
        return np.asarray((self.status == SUCCEEDED) | (self.status == SELF_DECLARED))


@dataclass(slots=True)
class Decisions:
    """The authorities, as far as one block meets them."""

    block: Block
    journal: Journal
    calendar: WorkingCalendar
    _cycles: dict[tuple[str, dt.date | None, dt.date], str] = field(default_factory=dict)

    def decide(self, turn: Turn, handed: HandedIn) -> Decided:
        """Decide what was handed in and write the cases."""
        knobs, rng = self.block.setting.world.journey, turn.rng
        count = len(handed.rows)
        opened = handed.at + HAND_IN
        usual = np.array([self._usual_days(item) for item in turn.wants.items])[handed.columns]
        days = usual * np.exp(knobs.decision_sigma * rng.standard_normal(count))
        closed = opened + (np.maximum(days, 0.01) * DAY_MICROSECONDS).astype(np.int64)
        status = self._outcome(handed.missing, rng)
        rated = (status == SUCCEEDED) & (rng.random(count) < knobs.rating)
        self.journal.cases.write(
            {
                "scope": turn.code,
                "row": handed.rows,
                "item": turn.items[handed.columns],
                "cycle": self._cycle_numbers(turn, handed, opened),
                "status": status,
                "channel": np.where(handed.online, 0, self._hall(count, rng)),
                "opened": opened,
                "closed": closed,
                "score": np.where(rated, self._scores(days, rng), -1),
            }
        )
        return Decided(status, closed // DAY_MICROSECONDS, closed)

    def _outcome(self, missing: Ints, rng: np.random.Generator) -> Ints:
        knobs = self.block.setting.world.journey
        failed = knobs.failed + knobs.failed_missing * np.minimum(missing, 3)
        draw = rng.random(len(missing))
        first, second = knobs.withdrawn + 0.0 * failed, knobs.withdrawn + failed
        return np.select(
            [draw < first, draw < second, draw < second + knobs.self_declared],
            [WITHDRAWN, FAILED, SELF_DECLARED],
            SUCCEEDED,
        )

    def _scores(self, days: Floats, rng: np.random.Generator) -> Ints:
        """好差评: slow decisions are rated worse."""
        shares = self.block.setting.world.journey.score
        drawn = _weighted([int(score) for score in shares], list(shares.values()), len(days), rng)
        return np.clip(drawn - (days > 20) - (days > 60), 1, 5)

    def _hall(self, count: int, rng: np.random.Generator) -> Ints:
        shares = self.block.setting.world.journey.hall_channels
        return _weighted([CHANNELS.index(name) for name in shares], list(shares.values()), count, rng)

    def _usual_days(self, item: Item) -> float:
        world = self.block.setting.world
        knob = world.demand.items.get(item.id)
        if knob is not None and knob.days is not None:
            return knob.days
        return 0.1 if needs_no_application(item) else world.journey.decision_days[str(item.level)]

    def _cycle_numbers(self, turn: Turn, handed: HandedIn, opened: Ints) -> Ints:
        numbers = np.zeros(len(handed.rows), dtype=np.int64)
        for k, (row, column, at) in enumerate(zip(handed.rows, handed.columns, opened, strict=True)):
            day = dt.date(1970, 1, 1) + dt.timedelta(days=int(at // DAY_MICROSECONDS))
            numbers[k] = self.journal.cycle(self._cycle(turn, turn.wants.items[column], int(row), day))
        return numbers

    def _cycle(self, turn: Turn, item: Item, row: int, day: dt.date) -> str:
        """The cycle's name as standings name it."""
        rule = item.duty.rule if item.duty is not None else None
        if rule is None:
            return ONCE
        if not isinstance(rule, Within | Before | AroundAnchor | Recurring):
            return self._open_cycle(item, None, day)
        anchor = _anchor(turn, row, rule.anchor)
        if anchor is None:
            return ONCE
        if isinstance(rule, Recurring):
            return self._open_cycle(item, anchor, day)
        return f"{ONCE}:{anchor.isoformat()}"

    def _open_cycle(self, item: Item, anchor: dt.date | None, day: dt.date) -> str:
        """The cycle open on a day, or the one that closed last, or the next."""
        key = (item.id, anchor, day)
        known = self._cycles.get(key)
        if known is None and item.duty is not None:
            around = neighbours(item.duty, anchor, day, self.calendar)
            window = around.open[-1] if around.open else around.closed or around.next
            known = self._cycles[key] = window.cycle if window is not None else ONCE
        return known or ONCE


def _weighted(values: Sequence[int], weights: Sequence[float], count: int, rng: np.random.Generator) -> Ints:
    shares = np.array(weights, dtype=np.float64)
    return np.asarray(rng.choice(np.array(values, dtype=np.int64), size=count, p=shares / shares.sum()))


def _anchor(turn: Turn, row: int, name: str) -> dt.date | None:
    """The date a duty counts from, as the month began (derived ones from the month's frame)."""
    column = turn.state.columns.get(name)
    if column is not None:
        day = int(column[row])
        return None if day == NO_DAY else dt.date(1970, 1, 1) + dt.timedelta(days=day)
    if name in turn.demanded.frame.columns:
        value = turn.demanded.frame[name][row]
        return value if isinstance(value, dt.date) else None
    return None
