"""The inbox in the reader's words: its page, the part of the page that is live, and the homepage's panel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from records.inbox import Message, Told
from records.settings import SHANGHAI
from serving.discretion import delicate_in
from serving.inbox.place import place_of
from serving.inbox.sight import MOST_SHOWN, Seen
from serving.inbox.titles import title_of
from serving.pages.addresses import home_url
from serving.pages.due import Due, countdown
from serving.pages.frame import Frame
from serving.wording import Words

ON_HOMEPAGE: Final = 3
"""Messages that a homepage shows, the newest first."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message. A `discreet` one says what it is about only when it is opened."""

    id: int
    kind: str
    title: str
    url: str | None
    whose: str | None
    reason: str
    due: Due | None
    missing: str | None
    told: str
    unread: bool
    discreet: bool
    neutral: str
    may_dismiss: bool
    ended: str | None
    """How it was closed; None of an open one."""


@dataclass(frozen=True, slots=True)
class InboxPart:
    """The part of a page that is brought up to date while it is looked at."""

    t: Words
    form_token: str | None
    here: str
    lines: tuple[MessageLine, ...]
    counted: str
    hidden: str | None
    unread: int
    newest: int
    mark: str
    stream: str
    """Where news comes from; the page's own language and mode go without saying."""
    home: bool
    """Whether it stands on a homepage: a few lines, and no buttons."""
    changes: bool
    """Whether whoever looks may change anything here."""


@dataclass(frozen=True, slots=True)
class InboxContext:
    """What inbox.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    here: str
    said: str | None
    part: InboxPart
    older: tuple[MessageLine, ...] | None
    """In place of the newest messages those before one; None where the newest were asked for."""
    earlier: str | None
    """Where the messages before all of these are; None where there are none."""
    closed: tuple[MessageLine, ...] | None
    """Messages that are over; None where they were not asked for."""


@dataclass(frozen=True, slots=True)
class PartContext:
    """What inbox_part.html is rendered from when it comes alone."""

    t: Words
    frame: Frame
    part: InboxPart


@dataclass(frozen=True, slots=True)
class InboxReader:
    """For whom an inbox is worded."""

    kind: SubjectKind
    subject: str
    words: Words
    catalogue: Catalogue
    labels: Mapping[str, str]
    on: dt.date
    form_token: str | None
    changes: bool

    @property
    def ref(self) -> str:
        """The subject as item pages are asked for it."""
        return f"{self.kind.value}:{self.subject}"


def inbox_part(seen: Seen, reader: InboxReader, *, home: bool = False) -> InboxPart:
    """The open messages, newest first."""
    words, (shown, _) = reader.words, open_before(seen, None)
    lines = [message_line(one, reader) for one in shown]
    total, unread = len(lines), seen.unread
    return InboxPart(
        t=words,
        form_token=reader.form_token,
        here=f"{home_url(reader.kind, reader.subject)}/inbox",
        lines=tuple(lines[:ON_HOMEPAGE] if home else lines),
        counted=words("inbox.unread", n=unread)
        if unread
        else words("inbox.all_read" if total else "inbox.none"),
        hidden=words("inbox.hidden", n=seen.hidden) if seen.hidden else None,
        unread=unread,
        newest=max((one.id for one in seen.messages), default=0),
        mark=seen.mark,
        stream=f"/v1/inbox/stream?subject={reader.ref}",
        home=home,
        changes=reader.changes,
    )


def open_before(seen: Seen, before: int | None) -> tuple[list[Told], int | None]:
    """Up to a page of the open messages before one, newest first, and the message that more stand before."""
    older = [one for one in seen.messages if before is None or one.id < before]
    shown = older[-MOST_SHOWN:]
    return shown[::-1], shown[0].id if len(older) > len(shown) else None


def message_line(one: Told, reader: InboxReader) -> MessageLine:
    """One message in the reader's words."""
    message, words = one.message, reader.words
    missing = [
        words.name(reader.catalogue.evidence_types[name].names)
        for name in message.missing
        if name in reader.catalogue.evidence_types
    ]
    return MessageLine(
        id=one.id,
        kind=words(f"inbox.kind.{message.kind}"),
        title=words.name(title_of(message, reader.catalogue)),
        url=place_of(message, reader.catalogue, reader.kind, reader.subject),
        whose=reader.labels.get(message.scope_item or ""),
        reason=words.name(message.reason.text),
        due=_due(message, reader.on, words),
        missing=words("card.papers_missing", n=len(missing), names=words.listed(tuple(missing)))
        if missing
        else None,
        told=words("inbox.told", date=words.day(one.created_at.astimezone(SHANGHAI).date(), reader.on)),
        unread=one.read_at is None and one.closed_at is None,
        discreet=message.delicate or message.item in delicate_in(reader.catalogue),
        neutral=words("inbox.neutral"),
        may_dismiss=not message.required,
        ended=None if one.closed_at is None else words(f"inbox.ended.{one.closed_because or 'over'}"),
    )


def _due(message: Message, on: dt.date, words: Words) -> Due | None:
    if message.due_on is None:
        return None
    late = message.due_on < on
    key = ("due_missed" if late else "due_by") if message.required else "due_right"
    if late and not message.required:
        return None
    counted = countdown(message.due_on, on, words) if message.required else None
    return Due(
        words(f"card.{key}", date=words.day(message.due_on, on)), message.due_on.isoformat(), counted, None
    )
