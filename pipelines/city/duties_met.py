"""The past duties of curated subjects: met in good time, but for those a case says were missed.

Nobody of the showcase starts anything while lives unfold, so what they did before is written down at the
end: a case for every past cycle of a duty that bound them, by the true state, on its last day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from catalog.catalogue import Item
from catalog.duty import Annual, Monthly, Quarterly, Recurring, Within
from catalog.predicate import denied
from catalog.vocabulary import Nature
from models.recommendation import Window
from models.standing.due import beginnings
from models.standing.turns import nature_of
from models.standing.windows import neighbours
from models.standing.working_days import WorkingCalendar
from pipelines.city.block import Block
from pipelines.city.decisions import SUCCEEDED
from pipelines.city.demand import anchor_of, names_judged
from pipelines.city.journal import Journal, moment
from pipelines.city.rules import Judge
from pipelines.city.scope_state import day_number
from pipelines.city.showcase import showcases

AHEAD = 6
"""At most so many days before its last day a duty is met."""
KEPT = dt.timedelta(days=730)
"""How far back the cycles of a recurring duty are written down."""


@dataclass(frozen=True, slots=True)
class Met:
    """One duty met by one scope item in one cycle."""

    scope: str
    row: int
    item: Item
    cycle: str
    opened: int
    """Day number."""


def duties_met(
    block: Block, judges: Mapping[str, Judge], codes: Mapping[str, np.ndarray], calendar: WorkingCalendar
) -> Journal:
    """The cases of the block's curated subjects, in a journal of their own; empty where there are none."""
    journal, rng, scopes = Journal(), block.rng("duties met"), list(block.states)
    for met in _all_met(block, judges, calendar):
        place = judges[met.scope].items.index(met.item)
        opened = moment(np.full(1, met.opened), rng.random(1))
        journal.cases.write(
            {
                "scope": scopes.index(met.scope),
                "row": np.full(1, met.row),
                "item": codes[met.scope][place],
                "cycle": journal.cycle(met.cycle),
                "status": SUCCEEDED,
                "channel": 0,
                "opened": opened,
                "closed": opened + 3_600_000_000,
                "score": -1,
            }
        )
    return journal


def _all_met(block: Block, judges: Mapping[str, Judge], calendar: WorkingCalendar) -> Iterator[Met]:
    missed = _missed(block)
    for scope, judge in judges.items():
        state = block.states[scope]
        rows = np.flatnonzero(block.curated[state.owner]) if state.rows else np.zeros(0, dtype=np.int64)
        # Of each duty alone: judging every item on every past day would take longer than the rest of a city.
        duties = [
            Judge((item,), judge.catalogue, judge.assumed) for item in judge.items if _is_met_in_time(item)
        ]
        for row in rows.tolist():
            frame = block.frame(scope, block.setting.as_of, np.array([row]), names_judged(judge.items))
            facts = frame.row(0, named=True)
            for duty in duties:
                if duty.items[0].id not in missed[int(state.owner[row])]:
                    yield from _of_duty(block, scope, row, duty, facts, calendar)


def _missed(block: Block) -> dict[int, frozenset[str]]:
    """By row of a curated subject, the duties its case says were missed; the last rows are theirs."""
    cases = showcases(block.setting, block.kind)
    first = block.subjects.rows - len(cases)
    return {first + n: frozenset(case.missed) for n, case in enumerate(cases)}


def _is_met_in_time(item: Item) -> bool:
    rule = item.duty.rule if item.duty else None
    return nature_of(item) is Nature.OBLIGATION and isinstance(
        rule, Within | Annual | Monthly | Quarterly | Recurring
    )


def _of_duty(
    block: Block, scope: str, row: int, judge: Judge, facts: Mapping[str, object], calendar: WorkingCalendar
) -> Iterator[Met]:
    """The past cycles of one duty. What a register still shows undone was not done."""
    (item,) = judge.items
    name = anchor_of(item.duty)
    anchor = facts.get(name) if name is not None else None
    if item.duty is None or (name is not None and not isinstance(anchor, dt.date)):
        return
    states = {one for criterion in item.criteria for one in denied(criterion.predicate)}
    if any(facts.get(one) is False for one in states):
        return
    since = beginnings().get(block.kind, {}).get(scope)
    began = facts.get(since) if since else None
    for window in _closed(
        item, anchor if isinstance(anchor, dt.date) else None, block.setting.as_of, calendar
    ):
        if isinstance(began, dt.date) and window.opens_on < began:
            return
        frame = block.frame(scope, window.due_on, np.array([row]), names_judged(judge.items))
        if judge.eligible(frame, window.due_on)[0, 0]:
            days = (window.due_on - window.opens_on).days
            opened = window.due_on - dt.timedelta(days=min(days, AHEAD))
            yield Met(scope, row, item, window.cycle, day_number(opened))


def _closed(item: Item, anchor: dt.date | None, on: dt.date, calendar: WorkingCalendar) -> Iterator[Window]:
    """The windows that have closed by a day, the latest first: all there were within `KEPT`, or the last."""
    day = on
    while item.duty is not None and (window := neighbours(item.duty, anchor, day, calendar).closed):
        yield window
        day = window.opens_on
        if isinstance(item.duty.rule, Within) or on - day > KEPT:
            return
