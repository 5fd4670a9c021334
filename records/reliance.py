"""What a push rests on, and its end when that is taken back: in the transaction that takes it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import Connection, select, update

from features.schema import PurposeName
from privacy.consent import Consent, granted_targets
from records.subjects import hold_subjects
from records.tables import outbox

RECOMMENDATION: Final = "recommendation"
"""What a push rests on that is neither a duty's nor asked for."""
CODES: Final = "code"
"""The topic of codes that verify an address: no theme, and chosen by nobody but by asking."""
UNFINISHED: Final = ("pending", "sending")


def reliance(purpose: PurposeName, target: str) -> str:
    """How `outbox.relied_on` names one consent."""
    return f"consent:{purpose}:{target}"


def reliances(consents: Iterable[Consent], purpose: PurposeName, at: dt.datetime) -> list[str]:
    """All that a message may rest on which was made of a profile masked to the purpose, in order."""
    return [reliance(purpose, target) for target in sorted(granted_targets(consents, purpose, at))]


def cancel_pushes_relying_on(connection: Connection, subject: str, given_up: Iterable[str]) -> int:
    """Cancel the subject's unfinished pushes that rest on any of these; how many.

    A push that does not say what it rests on is taken to rest on all.
    """
    gone = set(given_up)
    return _cancel(
        connection, subject, lambda row: row.relied_on is None or not gone.isdisjoint(row.relied_on)
    )


def cancel_pushes_of(
    connection: Connection, subject: str, channel: str, unwanted: Callable[[str], bool]
) -> int:
    """Cancel the subject's unfinished pushes by a channel on the topics that are unwanted; how many."""
    return _cancel(connection, subject, lambda row: row.channel == channel and unwanted(row.topic))


def cancel_all_pushes(connection: Connection, subject: str) -> int:
    """Cancel every unfinished push to the subject; how many."""
    return _cancel(connection, subject, lambda row: True)


def _cancel(connection: Connection, subject: str, chosen: Callable[[Any], bool]) -> int:
    # Whoever is telling the subject at this moment goes first, so that what they put out is seen here.
    hold_subjects(connection, [subject])
    columns = (outbox.c.id, outbox.c.channel, outbox.c.topic, outbox.c.relied_on)
    mine = select(*columns).where(outbox.c.subject == subject, outbox.c.state.in_(UNFINISHED))
    ids = [row.id for row in connection.execute(mine.with_for_update()) if chosen(row)]
    if ids:
        still = (outbox.c.id.in_(ids), outbox.c.state.in_(UNFINISHED))
        connection.execute(update(outbox).where(*still).values(state="cancelled"))
    return len(ids)
