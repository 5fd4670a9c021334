"""What becomes of what is handed in: status, channel, cycle, days until the decision, rating."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.catalogue import Item
from catalog.duty import AroundAnchor, Before, Within
from models.standing.windows import ONCE, neighbours
from models.standing.working_days import WorkingCalendar
from pipelines.city.block import Block
from pipelines.city.demand import anchor_of, needs_no_application
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
        """The number of each case's cycle, as standings name it; each distinct one is worked out once."""
        days = opened // DAY_MICROSECONDS
        numbers = np.zeros(len(handed.rows), dtype=np.int64)
        for column in np.unique(handed.columns):
            mine = handed.columns == column
            item = turn.wants.items[column]
            keys = np.stack([_anchors(turn, item, handed.rows[mine]), days[mine]])
            keys[1] *= _depends_on_day(item)
            distinct, which = np.unique(keys, axis=1, return_inverse=True)
            names = [self.journal.cycle(self._cycle(item, int(a), int(day))) for a, day in distinct.T]
            numbers[mine] = np.array(names)[which.ravel()]
        return numbers

    def _cycle(self, item: Item, anchor: int, day: int) -> str:
        """The cycle of an item, from its anchor's day number (`NO_DAY` for none) and the case's."""
        duty = item.duty
        anchored = anchor_of(duty) is not None
        if duty is None or (anchored and anchor == NO_DAY):
            return ONCE
        start = _date(anchor) if anchored else None
        if start is not None and not _depends_on_day(item):
            return f"{ONCE}:{start.isoformat()}"
        around = neighbours(duty, start, _date(day), self.calendar)
        window = around.open[-1] if around.open else around.closed or around.next
        return window.cycle if window is not None else ONCE


def _depends_on_day(item: Item) -> bool:
    """Whether the cycle depends on the day of the case, not on the anchor alone."""
    rule = item.duty.rule if item.duty is not None else None
    return rule is not None and not isinstance(rule, Within | Before | AroundAnchor)


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def _weighted(values: Sequence[int], weights: Sequence[float], count: int, rng: np.random.Generator) -> Ints:
    shares = np.array(weights, dtype=np.float64)
    return np.asarray(rng.choice(np.array(values, dtype=np.int64), size=count, p=shares / shares.sum()))


def _anchors(turn: Turn, item: Item, rows: Ints) -> Ints:
    """The day numbers a duty counts from, as the month began; `NO_DAY` where there is none."""
    name = anchor_of(item.duty)
    column = turn.state.columns.get(name) if name is not None else None
    if column is not None:
        return column[rows].astype(np.int64)
    if name is not None and name in turn.demanded.frame.columns:
        days = turn.demanded.frame[name].to_physical().cast(pl.Int64).fill_null(int(NO_DAY))
        return np.asarray(days.to_numpy()[rows])
    return np.full(len(rows), int(NO_DAY), dtype=np.int64)
