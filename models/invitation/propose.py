"""What to propose: duties first, then rights about to lapse or to open, then what is likely to be wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog.catalogue import Catalogue
from catalog.public_service import PublicService
from catalog.vocabulary import Delicacy, Nature, Proactive, Status
from models.invitation.planning import Planning, default_planning, reason
from models.invitation.visit_day import OfficeLoad, WorkingDays, visit_day
from models.recommendation import Entry, Reason, Standing, Urgency

Pair = tuple[str, str]
"""A scope item and an item."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One invitation to make; its fields are those of the records' `invitation`."""

    subject: str
    scope_item: str
    item: str
    cycle: str
    suggested_on: dt.date
    reason: Reason
    due_on: dt.date | None
    tight: bool
    """True where the usual time for papers does not fit before the last day."""
    provisional: bool
    opens_on: dt.date | None = None
    valid_to: dt.date | None = None
    """The last day it can be accepted, and be agreed on for."""
    missing: tuple[str, ...] = ()
    """Evidence types still to bring."""

    @property
    def reason_code(self) -> str:
        """What the records keep of the reason."""
        return self.reason.code


@dataclass(frozen=True, slots=True)
class Proposed:
    """An invitation made before, whatever came of it."""

    scope_item: str
    item: str
    cycle: str
    proposed_on: dt.date


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What proposals take into account beside the standings."""

    chances: Mapping[Pair, float] = field(default_factory=dict)
    """The learned chance, 0 to 1, that the subject would take an item up; a pair not named is not known."""
    before: tuple[Proposed, ...] = ()
    set_aside: Collection[Pair] = ()
    """What the subject does not want to be shown; obligations are proposed all the same."""
    load: OfficeLoad | None = None


NOTHING_KNOWN = Circumstances()


def propose(
    subject: str,
    entries: Iterable[Entry],
    catalogue: Catalogue,
    calendar: WorkingDays,
    on: dt.date,
    known: Circumstances = NOTHING_KNOWN,
    planning: Planning | None = None,
) -> tuple[Proposal, ...]:
    """The invitations to make today, the most pressing first; empty when this month's are used up.

    Nothing delicate, nothing that may not be pushed, nothing undetermined, and nothing twice in a cycle.
    `entries` must stem from a profile masked to remind. Raises ValueError for a chance beyond 0 to 1.
    """
    plan = planning or default_planning()
    wrong = sorted(str(pair) for pair, chance in known.chances.items() if not 0 <= chance <= 1)
    if wrong:
        raise ValueError(f"a chance lies from 0 to 1; it does not for {', '.join(wrong)}")
    room = room_left(known.before, on, plan)
    made = {(one.scope_item, one.item, one.cycle) for one in known.before}
    fitting = []
    for entry in entries:
        why = _why(entry, catalogue, on, known, plan)
        if why is not None and (entry.scope_item, entry.item, entry.cycle) not in made:
            made.add((entry.scope_item, entry.item, entry.cycle))
            fitting.append((_order(entry, why, known), entry, why))
    fitting.sort(key=lambda one: one[0])
    return tuple(
        _proposal(subject, entry, why, calendar, on, known, plan) for _, entry, why in fitting[: max(room, 0)]
    )


def waits_for_chance(
    entries: Iterable[Entry],
    catalogue: Catalogue,
    on: dt.date,
    known: Circumstances = NOTHING_KNOWN,
    planning: Planning | None = None,
) -> frozenset[Pair]:
    """The pairs of which a learned chance would decide whether they are proposed, and in which order."""
    plan = planning or default_planning()
    made = {(one.scope_item, one.item, one.cycle) for one in known.before}
    found = set()
    for entry in entries:
        if (entry.scope_item, entry.item, entry.cycle) not in made:
            pair = (entry.scope_item, entry.item)
            sure = replace(known, chances={pair: 1.0})
            if _why(entry, catalogue, on, sure, plan) in ("opens_soon", "likely_wanted"):
                found.add(pair)
    return frozenset(found)


def room_left(before: Iterable[Proposed], on: dt.date, planning: Planning | None = None) -> int:
    """How many invitations may still be made this month; 0 or less when they are used up."""
    plan = planning or default_planning()
    return plan.most_a_month - sum(_same_month(one.proposed_on, on) for one in before)


def _why(entry: Entry, catalogue: Catalogue, on: dt.date, known: Circumstances, plan: Planning) -> str | None:
    """The reason code an entry is proposed for; None where it is not to be proposed."""
    item = catalogue.items[entry.item]
    pair = (entry.scope_item, entry.item)
    if item.status is not Status.CONFIRMED or item.proactive is not Proactive.PUSH:
        return None
    obligation = isinstance(item, PublicService) and item.nature is Nature.OBLIGATION
    if item.delicacy is Delicacy.SENSITIVE or (pair in known.set_aside and not obligation):
        return None
    if entry.standing is Standing.SHOULD_DO:
        return _why_now(entry)
    if entry.standing is Standing.UPCOMING and entry.opens_on is not None:
        near = entry.opens_on <= on + dt.timedelta(days=plan.horizon_days)
        wanted = known.chances.get(pair, 1.0) >= plan.least_chance
        return "opens_soon" if near and (obligation or wanted) else None
    if entry.standing is Standing.CAN_DO and known.chances.get(pair, 0.0) >= plan.least_chance:
        return "likely_wanted"
    return None


def _why_now(entry: Entry) -> str:
    match entry.urgency:
        case Urgency.OVERDUE:
            return "obligation_overdue"
        case Urgency.LAPSING:
            return "right_lapsing"
        case Urgency.PROMPTLY:
            return "obligation_promptly"
        case _:
            return "obligation_due"


CLASSES = (
    "obligation_overdue",
    "obligation_due",
    "right_lapsing",
    "obligation_promptly",
    "opens_soon",
    "likely_wanted",
)
"""The order in which the month's invitations are used up."""


def _order(entry: Entry, why: str, known: Circumstances) -> tuple[object, ...]:
    chance = known.chances.get((entry.scope_item, entry.item), 0.0)
    day = entry.due_on or entry.opens_on or dt.date.max
    return (CLASSES.index(why), -chance if why == "likely_wanted" else 0.0, day, entry.item, entry.scope_item)


def _same_month(one: dt.date, other: dt.date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


def _proposal(
    subject: str,
    entry: Entry,
    why: str,
    calendar: WorkingDays,
    on: dt.date,
    known: Circumstances,
    plan: Planning,
) -> Proposal:
    day = visit_day(subject, entry, on, calendar, plan, known.load)
    matters = entry.opens_on if why == "opens_soon" else entry.due_on
    ahead = entry.due_on is not None and entry.due_on >= day.on
    return Proposal(
        subject=subject,
        scope_item=entry.scope_item,
        item=entry.item,
        cycle=entry.cycle,
        suggested_on=day.on,
        reason=reason(why, matters),
        due_on=entry.due_on,
        tight=day.tight,
        provisional=day.provisional or entry.provisional,
        opens_on=entry.opens_on,
        valid_to=entry.due_on if ahead else day.on + dt.timedelta(days=plan.valid_days),
        missing=entry.missing,
    )
