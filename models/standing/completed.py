"""What is done already, or under way: enrolled, in progress and done are told apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from catalog.catalogue import Item
from features.schema import Case, CaseStatus, Evidence
from models.recommendation import Entry, Standing
from models.standing.business_day import business_date
from models.standing.papers import valid_on
from models.standing.place import Place
from models.standing.reasons import reason
from models.standing.turns import Turn, comes_round


def finished(place: Place, item: Item, turn: Turn) -> Entry | None:
    """The entry of a turn that is done: by a case in this cycle, or because its result is held."""
    if _case(place, item, turn, "succeeded"):
        return place.entry(item, turn, Standing.DONE, reason("done_case"))
    if _holds_output(place, item, turn):
        return place.entry(item, turn, Standing.DONE, reason("done_held"))
    if _case(place, item, turn, "self_declared"):
        return place.entry(item, turn, Standing.DONE, reason("done_self_declared"))
    return None


def started(place: Place, item: Item, turn: Turn) -> Entry | None:
    """The entry of a turn that is under way."""
    case = _case(place, item, turn, "open", any_cycle=not comes_round(item.duty.rule if item.duty else None))
    if case is None:
        return None
    return place.entry(item, turn, Standing.IN_PROGRESS, reason("in_progress", business_date(case.opened_at)))


def _case(place: Place, item: Item, turn: Turn, status: CaseStatus, any_cycle: bool = False) -> Case | None:
    """The latest case of a turn in some status."""
    cases = place.cases.get(item.id, ())
    fitting = [c for c in cases if c.status == status and (any_cycle or c.cycle == turn.cycle)]
    return max(fitting, key=lambda case: (case.opened_at, case.id), default=None)


def _holds_output(place: Place, item: Item, turn: Turn) -> bool:
    """Whether a valid paper is held that only this public service yields, and in this turn.

    A paper from before the window opened is what is to be renewed, so it proves nothing.
    """
    own = place.catalogue.sole_outputs.get(item.id, frozenset())
    return any(_proves(paper, own, turn, place.on) for paper in place.scope_item.evidence)


def _proves(paper: Evidence, own: Collection[str], turn: Turn, on: dt.date) -> bool:
    if paper.type not in own or not valid_on(paper, on):
        return False
    opens_on = turn.window.opens_on if turn.window else None
    return opens_on is None or (paper.valid_from is not None and paper.valid_from >= opens_on)
