"""Telling: the only way a message gets out. Whoever finds something worth telling calls `tell`, and no more.

    with writing(engine) as connection:
        ...                                     # whatever else belongs to it: all or nothing
        tell(connection, messages, at)

What a maker of messages (difference, packages, invitations, call-back, campaigns) has to know:

* `Message.key`: sha256 of the words that make it the same message, 32 hex digits (`message_key`). A key is
  told once. Told again while open, its dates, papers and words are brought up to date, in the inbox and in
  pushes not yet gone; nothing is sent anew. Told again after it was closed as `untrue` it opens again, and
  pushes cancelled before any attempt wait again. Closed as `departed`, by a departure taken back since, it
  opens again too, but what was cancelled then stays cancelled. Closed for any other reason it stays closed.
* `names`, `reason`: plain words in both languages. `topic`: the item's theme (or a support policy's
  category), by which reminders are chosen. `template`: how it is worded (`records.tables.vocabulary`).
* `required`: a duty bids it. It always reaches the inbox, rests on no recommendation, is not dismissed.
  `asked`: the subject asked for just this. What they follow (`records.subscriptions`) need not be marked:
  `tell` reads it. Everything else needs personalised recommendation to be on.
* `channels`: by which channels it may leave, besides the inbox. Default: none. What follows from the profile
  must follow again from one masked for the channel's use (`records.reminders.USE_OF`); `channels_wanted`
  says which are worth the trouble. What rests on no profile (an answer, a notice) may name ADDRESS_CHANNELS.
* `relied_on`: the `records.reliance.reliance(...)` names of the consents it rests on; None: on every consent
  the subject gives to reminders. Name them when you know them: a withdrawal then cancels no more than it
  must. What rests on a consent that no longer holds is not told.
* `delicate`: `records.reminders.is_delicate` of its item, or of anything it names. It leaves the inbox
  only where the item is followed or `asked`, in neutral words.
* `expires_at`: when it stops being true (`records.reminders.end_of_day(due_on)`); nothing goes out after it.
* Items that are `search_only` are never told; `tell` does not know the catalogue, so leave them out.

`untell` when it is done, declined or no longer true. Both may be called again after a crash with the same
result. Call `tell` once a transaction with all messages, or in the order of subjects: it locks them, in that
order, so that ids rise in the order of commits for each subject and a live stream can be resumed.

What delivery has to know: claim a row by setting `sending` and raising `attempts` in one transaction (a row
that was never attempted may be brought back); `still_wanted` re-checks everything but expiry and pace;
`pace_of` has cap, quiet hours and digest; `records.grounds.destination` opens the address to send to.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select, update

from records.choices import INBOX
from records.departures import departures_of
from records.grounds import still_wanted
from records.inbox import Message, facts_of, row_of
from records.insertion import insert_new
from records.pace import Pace, pace_of
from records.pushes import NEUTRAL, Standpoint, outbox_rows, payload, push_key, standpoints
from records.reliance import UNFINISHED
from records.subjects import hold_subjects
from records.tables import inbox, outbox
from records.tables.vocabulary import CloseReason
from records.wanted import channels_wanted

__all__ = [
    "NEUTRAL",
    "Message",
    "Pace",
    "Telling",
    "channels_wanted",
    "dismiss",
    "message_key",
    "pace_of",
    "payload",
    "push_key",
    "still_wanted",
    "tell",
    "untell",
]
AT_ONCE: Final = 500
"""Messages dealt with by one statement."""
_OPENS_AGAIN: Final = ("untrue", "departed")
"""The reasons for which a closed message opens again when it is told again."""


class Telling(NamedTuple):
    """What a call of `tell` did: messages new, opened again, brought up to date; pushes now waiting."""

    new: int = 0
    again: int = 0
    changed: int = 0
    pushes: int = 0

    def plus(self, other: Telling) -> Telling:
        """Both together."""
        return Telling(*(a + b for a, b in zip(self, other, strict=True)))


def message_key(*words: str) -> str:
    """The idempotency key of the words that make it the same message."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]


def tell(connection: Connection, messages: Sequence[Message], at: dt.datetime) -> Telling:
    """Put messages into their subjects' inboxes, and by the chosen channels into the outbox; each once.

    Left out: what has expired, what rests on a consent that is gone, what the subject wants by no way, and
    messages to subjects that have departed or are not known. All in the caller's transaction.
    """
    done = Telling()
    last = {message.key: message for message in messages if _is_true(message, at)}
    ordered = sorted(last.values(), key=lambda message: (message.subject, message.key))
    for begin in range(0, len(ordered), AT_ONCE):
        done = done.plus(_tell(connection, ordered[begin : begin + AT_ONCE], at))
    return done


def untell(
    connection: Connection,
    subject: str,
    keys: Collection[str],
    at: dt.datetime,
    because: CloseReason = "untrue",
) -> int:
    """Close open messages of the subject, and cancel their pushes not yet gone; how many were open."""
    if not keys:
        return 0
    mine = (inbox.c.subject == subject, inbox.c.key.in_(keys))
    ids = select(inbox.c.id).where(*mine)
    waiting = (outbox.c.inbox.in_(ids), outbox.c.state.in_(UNFINISHED))
    connection.execute(update(outbox).where(*waiting).values(state="cancelled"))
    still_open = (*mine, inbox.c.closed_at.is_(None))
    closing = update(inbox).where(*still_open).values(closed_at=at, closed_because=because)
    return connection.execute(closing).rowcount


def dismiss(connection: Connection, subject: str, message: int, at: dt.datetime) -> bool:
    """Take a message out of the inbox because the subject wants no more of it, and cancel its pushes.

    False for a message that is not theirs or not open, and for a duty: a duty is not dismissed away.
    """
    mine = (inbox.c.id == message, inbox.c.subject == subject)
    spared = select(inbox.c.key).where(*mine, inbox.c.closed_at.is_(None), inbox.c.required.is_(False))
    key = connection.execute(spared).scalar_one_or_none()
    return key is not None and untell(connection, subject, [key], at, "dismissed") == 1


def _is_true(message: Message, at: dt.datetime) -> bool:
    return message.expires_at is None or message.expires_at > at


def _tell(connection: Connection, messages: Sequence[Message], at: dt.datetime) -> Telling:
    known = hold_subjects(connection, {message.subject for message in messages})
    known -= departures_of(connection, known).keys()
    views = standpoints(connection, known, at)
    wanted = [
        message
        for message in messages
        if message.subject in known and _is_wanted(message, views[message.subject])
    ]
    rows = [_closed_at_once(message, views[message.subject], at) for message in wanted]
    new = insert_new(connection, inbox, "key", rows)
    held = {
        row.key: dict(row._mapping)
        for row in connection.execute(select(inbox).where(inbox.c.key.in_([one.key for one in wanted])))
    }
    mine = [message for message in wanted if held[message.key]["subject"] == message.subject]
    again = [one for one in mine if one.key not in new and held[one.key]["closed_because"] in _OPENS_AGAIN]
    back = {one.key for one in again if held[one.key]["closed_because"] == "departed"}
    stale = [one for one in mine if one.key not in new and _differs(one, held[one.key])]
    for message in stale:
        _bring_up_to_date(connection, message, held[message.key]["id"])
    _open_again(connection, [held[one.key]["id"] for one in again])
    fresh = [one for one in mine if one.key in new]
    waiting = [*fresh, *(one for one in again if one.key not in back)]
    pushes = _push(connection, waiting, held, views, at)
    return Telling(len(new), len(again), len(stale), pushes)


def _is_wanted(message: Message, standpoint: Standpoint) -> bool:
    ways = (INBOX, *message.channels)
    return standpoint.allows(message) and any(standpoint.wants(message, way) for way in ways)


def _closed_at_once(message: Message, standpoint: Standpoint, at: dt.datetime) -> dict[str, object]:
    """The row; where the subject wants it elsewhere but not in the inbox it is there as a record only."""
    unwanted = not standpoint.wants(message, INBOX)
    closed = {"closed_at": at if unwanted else None, "closed_because": "by_choice" if unwanted else None}
    return {**row_of(message, at), **closed}


def _differs(message: Message, held: Mapping[str, Any]) -> bool:
    """Whether an open message, or one that opens again, says something else than now."""
    if held["closed_at"] is not None and held["closed_because"] not in (*_OPENS_AGAIN, "by_choice"):
        return False
    return any(held[name] != value for name, value in facts_of(message).items())


def _bring_up_to_date(connection: Connection, message: Message, id_: int) -> None:
    connection.execute(update(inbox).where(inbox.c.id == id_).values(facts_of(message)))
    waiting = (outbox.c.inbox == id_, outbox.c.state == "pending")
    said = {"payload": payload(message, id_), "expires_at": message.expires_at}
    connection.execute(update(outbox).where(*waiting).values(said))


def _open_again(connection: Connection, ids: Collection[int]) -> None:
    if ids:
        fresh = {"closed_at": None, "closed_because": None, "read_at": None}
        connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(fresh))


def _push(
    connection: Connection,
    messages: Sequence[Message],
    held: Mapping[str, Mapping[str, Any]],
    views: Mapping[str, Standpoint],
    at: dt.datetime,
) -> int:
    """Have the messages wait for delivery, those again that were cancelled before anything was tried."""
    rows = list(_rows(messages, held, views, at))
    new = insert_new(connection, outbox, "key", rows)
    revived = 0
    for row in rows:
        if row["key"] not in new:
            untried = (outbox.c.key == row["key"], outbox.c.state == "cancelled", outbox.c.attempts == 0)
            revived += connection.execute(update(outbox).where(*untried).values(row)).rowcount
    return len(new) + revived


def _rows(
    messages: Sequence[Message],
    held: Mapping[str, Mapping[str, Any]],
    views: Mapping[str, Standpoint],
    at: dt.datetime,
) -> Iterator[dict[str, Any]]:
    for message in messages:
        yield from outbox_rows(message, held[message.key]["id"], views[message.subject], at)
