"""Subjects with verified addresses, and the reminders they are told, through the only door there is."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import insert

from benchmarks.outbox_stage import Stage
from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME
from records.contacts import sealed
from records.database import writing
from records.inbox import Message
from records.tables import contact, pace, reminder_choice, subject
from records.tables.vocabulary import AddressChannel
from records.telling import message_key, tell

EACH: Final = 4
"""Reminders a subject."""
WAYS: Final[tuple[AddressChannel, ...]] = (*("email",) * 5, *("sms",) * 4, "letter")
"""Ten reminders in a row go by these."""
PLACES: Final = {"email": "{0}@example.cn", "sms": "+86138{1:08d}", "letter": "北京市东城区示例街 {1} 号"}
AT_ONCE: Final = 2_000


def put_out(stage: Stage, number: int) -> None:
    """So many reminders, waiting in the outbox."""
    now = dt.datetime.now(dt.UTC)
    subjects = [f"c{n:06d}" for n in range(number // EACH)]
    for begin in range(0, len(subjects), AT_ONCE):
        _reachable(stage, subjects[begin : begin + AT_ONCE], begin, now - dt.timedelta(days=1))
    for begin in range(0, number, AT_ONCE):
        messages = [_message(subjects[n // EACH], n, now) for n in range(begin, min(begin + AT_ONCE, number))]
        with writing(stage.engine) as connection:
            pushes = tell(connection, messages, now).pushes
        if pushes != len(messages):
            raise RuntimeError(f"{pushes} pushes wait where {len(messages)} were told")


def _reachable(stage: Stage, names: list[str], first: int, since: dt.datetime) -> None:
    key = stage.secrets["identity"]
    paces = {"most_a_day": 50, "quiet_from": 0, "quiet_until": 0, "digest": "none", "changed_at": since}
    wanted = {"theme": EVERY_THEME, "wanted": True, "changed_at": since}
    contacts = [
        {
            "subject": name,
            "channel": way,
            "ciphertext": sealed(key, form.format(name, number), "contact", "ciphertext", name, way),
            "key_version": key.current,
            "verified_at": since,
        }
        for number, name in enumerate(names, start=first)
        for way, form in PLACES.items()
    ]
    with writing(stage.engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in names])
        connection.execute(insert(pace), [{"subject": name, **paces} for name in names])
        choices = [{"subject": name, "channel": way, **wanted} for name in names for way in PLACES]
        connection.execute(insert(reminder_choice), choices)
        connection.execute(insert(contact), contacts)


def _message(name: str, number: int, now: dt.datetime) -> Message:
    due = (now + dt.timedelta(days=10 + number % 60)).date()
    return Message(
        key=message_key(name, str(number)),
        subject=name,
        reason=Reason("due", Names(zh="有效期快到了", en="It is soon no longer valid")),
        catalogue_version="outbox",
        names=Names(zh=f"换领证件 {number % 400}", en=f"Renew document {number % 400}"),
        topic="证照办理",
        due_on=due,
        expires_at=now + dt.timedelta(days=100),
        required=True,
        channels=frozenset({WAYS[number % len(WAYS)]}),
        relied_on=(),
    )
