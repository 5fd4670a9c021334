"""Standings that follow from a verdict and the dates: must, may, soon, not known, not."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources

import yaml

from catalog.catalogue import Item
from catalog.duty import AroundAnchor, Before, Recurring
from catalog.predicate import denied
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Nature, Origin
from models.recommendation import Entry, Standing, Urgency, Verdict
from models.standing.place import HORIZON, Place
from models.standing.reasons import reason
from models.standing.turns import Phase, Turn, anchor_needed, has_last_day_only, nature_of

LEAD_DAYS = 30
"""How long before its end a right without a deadline rule is about to lapse."""
SILENCE_TELLS = dt.timedelta(days=365)
"""How long after its last day the lack of any record still says that an obligation was not met."""
UNASKED = {"no_application": "no_application", "self_declare": "self_declared_relief"}
"""Ways to enjoy a policy without applying, so that nobody is hurried to it."""


def judged(place: Place, item: Item, turn: Turn, verdict: Verdict) -> Entry:
    """The standing of a turn that is neither done nor under way."""
    if verdict is Verdict.FALSE:
        return _refused(place, item, turn)
    if out_of_time := _out_of_time(place, item, turn):
        return out_of_time
    if verdict is Verdict.UNKNOWN:
        unknown = place.judgement.unknown(place.scope_item.id, item.id)
        return place.entry(
            item, turn, Standing.NEEDS_INFORMATION, reason("needs_information"), unknown=unknown
        )
    obligation = nature_of(item) is Nature.OBLIGATION
    match turn.phase:
        case Phase.FUTURE:
            return place.entry(item, turn, Standing.UPCOMING, reason("opens_on", _opens(turn)))
        case Phase.ANCHOR_UNKNOWN:
            return _without_anchor(place, item, turn, obligation)
        case _:
            return _must(place, item, turn) if obligation else _may(place, item, turn)


def _out_of_time(place: Place, item: Item, turn: Turn) -> Entry | None:
    """The refusal of a turn whose time is over (a right's alone), far off, or will not come as things are."""
    match turn.phase:
        case Phase.CLOSED if nature_of(item) is not Nature.OBLIGATION:
            why = reason("window_closed", turn.window.due_on if turn.window else None)
        case Phase.NOT_BEGUN:
            why = reason("not_begun")
        case Phase.FUTURE if _opens(turn) > place.on + HORIZON:
            why = reason("opens_later", _opens(turn))
        case _:
            return None
    return place.entry(item, turn, Standing.NOT_ELIGIBLE, why)


def overdue_since(place: Place, item: Item, turn: Turn, verdict: Verdict) -> Entry | None:
    """The entry of an earlier cycle's obligation: only where it held on its last day, and holds still.

    Both are judged by what is known today, for a page is handed no older values: the reason says so. Cycles
    before the last one that closed are not gone into.
    """
    if verdict is not Verdict.TRUE or turn.window is None or _began_after(place, turn.window.opens_on):
        return None
    then = place.judgement.verdict_on(place.scope_item.id, item.id, turn.window.due_on)
    return _must(place, item, turn) if then is Verdict.TRUE else None


def _began_after(place: Place, day: dt.date) -> bool:
    """Whether the scope item is known not to have been there on a day."""
    attribute = beginnings().get(place.kind, {}).get(place.scope_item.scope)
    began = place.judgement.value(place.scope_item.id, attribute) if attribute else None
    return isinstance(began, dt.date) and began > day


@cache
def beginnings() -> dict[str, dict[str, str]]:
    """By kind of subject and scope, the attribute that says since when a scope item is there."""
    text = resources.files("models.standing").joinpath("beginnings.yaml").read_text(encoding="utf8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


def _opens(turn: Turn) -> dt.date:
    return turn.window.opens_on if turn.window else dt.date.min


def _refused(place: Place, item: Item, turn: Turn) -> Entry:
    """Not eligible; or upcoming, where time alone will change that soon and the window allows."""
    last = place.on + HORIZON
    window = turn.window
    if window and turn.phase is Phase.OPEN:
        last = min(last, window.due_on)
    if item.valid_to:
        last = min(last, dt.date.fromisoformat(item.valid_to))
    hopeless = turn.phase in (Phase.CLOSED, Phase.NOT_BEGUN)
    day = None if hopeless else place.judgement.eligible_from(place.scope_item.id, item.id, last)
    if day and turn.phase is Phase.FUTURE and window:
        day = max(day, window.opens_on) if day <= window.due_on and window.opens_on <= last else None
    if day is None:
        return place.entry(item, turn, Standing.NOT_ELIGIBLE, reason("not_eligible"))
    return place.entry(item, turn, Standing.UPCOMING, reason("eligible_from", day), opens_on=day)


def _without_anchor(place: Place, item: Item, turn: Turn, obligation: bool) -> Entry:
    """The condition holds, but not the date is known that its window counts from."""
    anchor = anchor_needed(item.duty)
    unknown = (anchor,) if anchor else ()
    if obligation and item.duty and has_last_day_only(item.duty.rule):
        why = reason("obligation_anchor_unknown")
        return place.entry(item, turn, Standing.SHOULD_DO, why, urgency=Urgency.PROMPTLY, unknown=unknown)
    return place.entry(item, turn, Standing.NEEDS_INFORMATION, reason("anchor_unknown"), unknown=unknown)


def _must(place: Place, item: Item, turn: Turn) -> Entry:
    """应办: the subject is bound to do it."""
    if turn.window is None:
        why = reason("obligation_promptly")
        return place.entry(item, turn, Standing.SHOULD_DO, why, urgency=Urgency.PROMPTLY)
    overdue = turn.window.due_on < place.on
    if overdue and not _told_if_done(place, item, turn.window.due_on):
        why = reason("no_record", turn.window.due_on)
        return place.entry(item, turn, Standing.NEEDS_INFORMATION, why)
    code = "obligation_due" if not overdue else "overdue_by_today" if turn.past else "obligation_overdue"
    why = reason(code, turn.window.due_on)
    urgency = Urgency.OVERDUE if overdue else Urgency.OBLIGATION
    return place.entry(item, turn, Standing.SHOULD_DO, why, urgency=urgency)


def _told_if_done(place: Place, item: Item, due_on: dt.date) -> bool:
    """Whether it would be on record if an obligation long due had been done: else it is not known.

    It would be while the last day is not long past, where the records have spoken of the item before, and
    where a register states something that doing it changes: an attribute that the item demands to be false,
    or the date that its window leads up to. To accuse somebody of an old omission, silence is not enough.
    """
    if place.on - due_on <= SILENCE_TELLS or place.begun(item):
        return True
    states = {name for criterion in item.criteria for name in denied(criterion.predicate)}
    if item.duty and isinstance(item.duty.rule, Before | AroundAnchor | Recurring):
        states.add(item.duty.rule.anchor)
    attributes = place.catalogue.attributes
    return any(attributes[name].origin is Origin.AUTHORITY for name in states if name in attributes)


def _may(place: Place, item: Item, turn: Turn) -> Entry:
    """可办: the subject is free to do it, and is told when that is about to end."""
    ends = [turn.window.due_on] if turn.window else []
    if item.valid_to:
        ends.append(dt.date.fromisoformat(item.valid_to))
    due_on = min(ends, default=None)
    if isinstance(item, SupportPolicy) and item.apply_mode in UNASKED:
        return place.entry(item, turn, Standing.CAN_DO, reason(UNASKED[item.apply_mode]), due_on=due_on)
    if due_on is None:
        return place.entry(item, turn, Standing.CAN_DO, reason("eligible"))
    lead = dt.timedelta(days=item.duty.lead_days if item.duty else LEAD_DAYS)
    if due_on - place.on > lead:
        return place.entry(item, turn, Standing.CAN_DO, reason("eligible_until", due_on), due_on=due_on)
    why = reason("right_lapsing", due_on)
    return place.entry(item, turn, Standing.SHOULD_DO, why, urgency=Urgency.LAPSING, due_on=due_on)
