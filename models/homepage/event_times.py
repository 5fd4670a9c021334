"""Events in their time: one whose window is far off is not announced before its first step is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from catalog.catalogue import Catalogue
from catalog.event import LifeEvent
from models.recommendation import EventProgress, Judgement
from models.standing.place import HORIZON
from models.standing.turns import anchor_needed, comes_round
from models.standing.windows import anchored_window
from models.standing.working_days import WorkingCalendar


def timely(
    events: Iterable[EventProgress], catalogue: Catalogue, judgement: Judgement, calendar: WorkingCalendar
) -> tuple[EventProgress, ...]:
    """The events that are near, past or not bound to a date, and those whose first stage has come early.

    Everyone insured is to retire one day, and whoever gave notice to retire early is retiring now.
    """
    return tuple(
        progress
        for progress in events
        if _first_stage_has_come(progress, catalogue.events[progress.event])
        or not _is_far_off(progress, catalogue, judgement, calendar)
    )


def _first_stage_has_come(progress: EventProgress, event: LifeEvent) -> bool:
    come = {*progress.done, *progress.in_progress, *progress.open}
    return any(step.service in come for step in event.stages[0])


def _is_far_off(
    progress: EventProgress, catalogue: Catalogue, judgement: Judgement, calendar: WorkingCalendar
) -> bool:
    """Whether the one window of an event opens beyond the horizon, as far as is known.

    A day that is worked out, and cannot be yet, is nobody's news: that everyone retires one day is none.
    """
    duty = catalogue.events[progress.event].duty
    anchor = anchor_needed(duty)
    if duty is None or anchor is None or comes_round(duty.rule):
        return False
    day = judgement.value(progress.scope_item, anchor)
    if not isinstance(day, dt.date):
        return day is None and catalogue.attributes[anchor].derived is not None
    return anchored_window(duty, day, calendar).opens_on > judgement.on + HORIZON
