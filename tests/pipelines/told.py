"""Subjects who were told something: an open message, and a push that waits."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, Engine, insert, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME, choose_reminders
from records.database import reading, writing
from records.inbox import Message
from records.tables import contact, inbox, outbox
from records.telling import tell

WHY = Reason("window_open", Names(zh="年检", en="Inspection"))


def message(who: str, key: str = "") -> Message:
    """What a duty bids, told by e-mail too; it rests on no consent."""
    return Message(
        key=key or f"k-{who}",
        subject=who,
        reason=WHY,
        catalogue_version="v1",
        topic="transport",
        required=True,
        channels=frozenset({"email"}),
        relied_on=(),
    )


def reachable(connection: Connection, who: str, at: dt.datetime) -> None:
    """A verified address, and the wish to be told there."""
    sealed = {"ciphertext": b"x", "key_version": 1, "verified_at": at}
    connection.execute(insert(contact).values(subject=who, channel="email", **sealed))
    choose_reminders(connection, who, EVERY_THEME, "email", True, at)


def remind(engine: Engine, at: dt.datetime, *subjects: str) -> None:
    """Give each subject an open message and a push that waits."""
    with writing(engine) as connection:
        for who in subjects:
            reachable(connection, who, at)
        assert tell(connection, [message(who) for who in subjects], at).pushes == len(subjects)


def under_way(engine: Engine) -> tuple[set[str], set[str]]:
    """Who has an open message, and who a push that waits."""
    with reading(engine) as connection:
        open_ = connection.execute(select(inbox.c.subject).where(inbox.c.closed_at.is_(None))).scalars()
        waits = connection.execute(select(outbox.c.subject).where(outbox.c.state == "pending")).scalars()
        return set(open_), set(waits)
