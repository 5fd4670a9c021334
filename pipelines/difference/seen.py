"""One subject as the difference sees them, before any mask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from features.schema import Profile, PurposeName
from models.feedback.terms import default_terms
from models.feedback.wishes import Wishes, wishes_of
from privacy.consent import Consent
from records.consents import consents_of
from records.profiles import ProfileReader
from records.subscriptions import Followed, followed
from records.wishes import said_by

INBOX_USE: Final[PurposeName] = "remind"


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is held of a subject and was said by them."""

    profile: Profile
    consents: tuple[Consent, ...]
    wishes: Wishes
    followed: Followed


def see(profiles: ProfileReader, connection: Connection, subject: str) -> Seen:
    """Read a subject afresh, less what they did, which decides no standing. Raises UnknownSubject."""
    standing_alone = replace(profiles, recent=0, acts=lambda kind, subject: None)
    return Seen(
        standing_alone.read_on(connection, subject),
        consents_of(connection, subject),
        wishes_of(said_by(connection, subject), default_terms()),
        followed(connection, subject),
    )
