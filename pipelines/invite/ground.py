"""What proposing rests on: the rules, the models, and one subject read afresh where columns do not tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from features.schema import Profile, PurposeName, UseName
from models.homepage import LearnedSignals
from models.invitation.propose import Pair
from models.invitation.visit_day import OfficeLoad
from models.recommendation import Entry
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar
from pipelines.score.ground import Rules
from privacy.consent import Consent, granted_targets
from privacy.mask import mask
from privacy.tags import without_tags
from records.choices import Choices, choices_of
from records.consents import consents_of
from records.profiles import ProfileReader

REMIND: Final[PurposeName] = "remind"
RANK: Final[PurposeName] = "rank"


@dataclass(frozen=True, slots=True)
class Ground:
    """The catalogue, the rules and the models, and the instant they are asked for."""

    rules: Rules
    profiles: ProfileReader
    at: dt.datetime
    learned: LearnedSignals | None = None
    load: OfficeLoad | None = None

    @property
    def catalogue(self) -> Catalogue:
        """What there is to be invited to."""
        return self.rules.catalogue

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days."""
        return self.rules.calendar

    @property
    def on(self) -> dt.date:
        """The day of the round."""
        return self.rules.on


@dataclass(frozen=True, slots=True)
class Seen:
    """One subject as proposing sees them."""

    profile: Profile
    consents: tuple[Consent, ...]
    choices: Choices


def see(ground: Ground, connection: Connection, subject: str) -> Seen:
    """All that is held of a subject, and what they decided, unmasked. Raises UnknownSubject."""
    return Seen(
        ground.profiles.read_on(connection, subject),
        consents_of(connection, subject),
        choices_of(connection, subject),
    )


def entries_for(ground: Ground, seen: Seen, use: UseName = REMIND) -> tuple[Entry, ...]:
    """Where the subject stands with every item, as far as a use may know."""
    known = mask(seen.profile, use, seen.consents, ground.catalogue, ground.at)
    return stand(known, ground.catalogue, ground.rules.book.judge(known, ground.on), ground.calendar)


@dataclass(frozen=True, slots=True)
class Asked:
    """One subject whom the models are asked of: the pairs, where they stand, the items of all standings."""

    seen: Seen
    pairs: Collection[Pair]
    entries: Collection[Entry]
    items: Set[str]


def chances(ground: Ground, asked: Sequence[Asked]) -> list[dict[Pair, float]]:
    """The chance that each pair is taken up within a quarter, by subject; the subjects are of one kind.

    It is set against all items the subject stands with. Empty without a model.
    """
    learned = ground.learned
    use = None if learned is None or not asked else learned.champions.use.get(asked[0].seen.profile.kind)
    if learned is None or use is None:
        return [{} for _ in asked]
    known = []
    for one in asked:
        masked = mask(one.seen.profile, RANK, one.seen.consents, ground.catalogue, ground.at)
        known.append(without_tags(masked, one.seen.choices.deleted_tags, ground.catalogue))
    found = []
    for one, every in zip(asked, learned.terms_of(known, ground.on), strict=True):
        terms = every.over_items(one.items)
        found.append(
            {
                (entry.scope_item, entry.item): use.chance(terms.of(entry))
                for entry in one.entries
                if (entry.scope_item, entry.item) in one.pairs and entry.item in terms.facts
            }
        )
    return found


def may_rank(ground: Ground, connection: Connection, subject: str, choices: Choices) -> bool:
    """Whether ranking may know anything of a subject."""
    if ground.learned is None or not choices.personalised:
        return False
    return bool(granted_targets(consents_of(connection, subject), RANK, ground.at))
