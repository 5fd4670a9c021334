"""What proposing rests on: one subject read afresh, masked to remind, judged and ranked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from features.schema import Profile, PurposeName, UseName
from models.eligibility.rule_book import RuleBook
from models.feedback.terms import default_terms
from models.feedback.wishes import Wishes, wishes_of
from models.homepage import LearnedSignals
from models.invitation.propose import (
    Circumstances,
    Pair,
    Proposal,
    Proposed,
    propose,
    room_left,
)
from models.invitation.visit_day import OfficeLoad
from models.recommendation import Entry
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar
from privacy.consent import Consent, granted_targets
from privacy.mask import mask
from privacy.tags import without_tags
from records.choices import Choices, choices_of
from records.consents import consents_of
from records.profiles import ProfileReader
from records.wishes import said_by

REMIND: Final[PurposeName] = "remind"
RANK: Final[PurposeName] = "rank"
PRESSING: Final = frozenset({"obligation_overdue", "obligation_due", "right_lapsing", "obligation_promptly"})
"""Reasons that stand whatever any model says, and come before all others."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The catalogue, the rules and the models, and the instant they are asked for."""

    catalogue: Catalogue
    profiles: ProfileReader
    judge: RuleBook
    calendar: WorkingCalendar
    on: dt.date
    at: dt.datetime
    learned: LearnedSignals | None = None
    load: OfficeLoad | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One subject as proposing sees them."""

    profile: Profile
    consents: tuple[Consent, ...]
    choices: Choices
    wishes: Wishes


def see(ground: Ground, connection: Connection, subject: str) -> Seen:
    """All that is held of a subject and was said by them, unmasked. Raises UnknownSubject."""
    return Seen(
        ground.profiles.read_on(connection, subject),
        consents_of(connection, subject),
        choices_of(connection, subject),
        wishes_of(said_by(connection, subject), default_terms()),
    )


def entries_for(ground: Ground, seen: Seen, use: UseName = REMIND) -> tuple[Entry, ...]:
    """Where the subject stands with every item, as far as a use may know."""
    known = mask(seen.profile, use, seen.consents, ground.catalogue, ground.at)
    return stand(known, ground.catalogue, ground.judge.judge(known, ground.on), ground.calendar)


def proposals_for(
    ground: Ground, before: tuple[Proposed, ...], seen: Seen, entries: Collection[Entry]
) -> tuple[Proposal, ...]:
    """What to propose to the subject today, given where they stand as far as reminders may know.

    What is pressing comes first and needs no guess: the models are only asked where room is left after it.
    """
    known = Circumstances(before=before, set_aside=_set_aside(ground, seen, entries), load=ground.load)
    room = room_left(before, ground.on)
    if room <= 0:
        return ()
    pressing = _proposed(ground, seen, entries, known)
    if len(pressing) >= room and all(one.reason_code in PRESSING for one in pressing):
        return pressing
    guesses = chances(ground, seen, entries)
    return _proposed(ground, seen, entries, replace(known, chances=guesses)) if guesses else pressing


def _proposed(
    ground: Ground, seen: Seen, entries: Collection[Entry], known: Circumstances
) -> tuple[Proposal, ...]:
    subject = seen.profile.subject
    return propose(subject, entries, ground.catalogue, ground.calendar, ground.on, known)


def chances(ground: Ground, seen: Seen, entries: Iterable[Entry]) -> dict[Pair, float]:
    """The chance that each entry is taken up within a quarter; empty where ranking may know nothing."""
    learned, listed = ground.learned, tuple(entries)
    if learned is None or not seen.choices.personalised:
        return {}
    kind = seen.profile.kind
    use = learned.champions.use.get(kind)
    if use is None or not granted_targets(seen.consents, RANK, ground.at):
        return {}
    masked = mask(seen.profile, RANK, seen.consents, ground.catalogue, ground.at)
    profile = without_tags(masked, seen.choices.deleted_tags, ground.catalogue)
    terms = learned.terms(profile, ground.on).over(listed)
    return {
        (one.scope_item, one.item): use.chance(terms.of(one)) for one in listed if one.item in terms.facts
    }


def _set_aside(ground: Ground, seen: Seen, entries: Iterable[Entry]) -> frozenset[Pair]:
    pairs = {(one.scope_item, one.item) for one in entries}
    return frozenset(pair for pair in pairs if seen.wishes.aside(*pair, ground.on) is not None)
