"""One-tap unsubscribe from a link in a message: looking changes nothing, one press ends it, no sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from records.audit import AuditEntry
from records.choices import EVERY_THEME
from records.database import reading, writing
from records.settings import moment_of_writing
from records.unsubscribing import Subscribed, subscribed, unsubscribe
from serving.access import OpenParts
from serving.identity.access import PUBLIC
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.parts import Parts
from serving.privacy.decisions import Detail
from serving.reader import words_of
from serving.wording import Words

router = APIRouter(include_in_schema=False)

Word = Annotated[str, Path(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class UnsubscribeContext:
    """What unsubscribe.html is rendered from. It names nobody: whoever has the link sees it."""

    t: Words
    frame: Frame
    heading: str
    text: str
    action: str | None
    """Where the button posts to; None where there is nothing left to end."""


@router.get("/unsubscribe/{word}", dependencies=[PUBLIC.needed])
def ask(request: Request, word: Word, parts: OpenParts) -> Response:
    """What the link would end; programs that follow links end nothing."""
    with reading(parts.engine) as connection:
        one = subscribed(connection, parts.secrets, word)
    return page(request, "unsubscribe", _context(request, parts, one, word), 200 if one else 404)


@router.post("/unsubscribe/{word}", dependencies=[PUBLIC.needed])
def end(request: Request, word: Word, parts: OpenParts) -> Response:
    """End it: for a person's press, and for a mail program's one click (RFC 8058)."""
    at = moment_of_writing(parts.settings)
    with writing(parts.engine) as connection:
        one = subscribed(connection, parts.secrets, word)
        if one is not None and one.wanted:
            cancelled = unsubscribe(connection, one, at)
            detail: Detail = {"theme": one.topic, "channel": one.channel, "cancelled": cancelled}
            said = AuditEntry(at, "nobody", "link", "unsubscribed", one.subject, "remind", detail)
            parts.audit.append(connection, said)
        now = subscribed(connection, parts.secrets, word)
    # Answered at once: mail programs do not follow redirects.
    return page(request, "unsubscribe", _context(request, parts, now, word), 200 if now else 404)


def _context(request: Request, parts: Parts, one: Subscribed | None, word: str) -> UnsubscribeContext:
    words = words_of(request)
    state = "unknown" if one is None else "asked" if one.wanted else "ended"
    said = {} if one is None else {"what": _what(one, parts, words), "channel": _channel(one, words)}
    return UnsubscribeContext(
        t=words,
        frame=frame_of(request, words("unsubscribe.title"), synthetic=False),
        heading=words(f"unsubscribe.{state}.title"),
        text=words(f"unsubscribe.{state}.text", **said),
        action=f"/unsubscribe/{word}" if one is not None and one.wanted else None,
    )


def _what(one: Subscribed, parts: Parts, words: Words) -> str:
    """The topic in words; a delicate theme is not named to whoever holds the link."""
    theme = None if one.delicate else parts.catalogue.themes.get(one.topic)
    if one.topic == EVERY_THEME or theme is None:
        return words("unsubscribe.every" if one.topic == EVERY_THEME else "unsubscribe.some")
    return words("unsubscribe.theme", theme=words.name(theme.names))


def _channel(one: Subscribed, words: Words) -> str:
    return words(f"privacy.channel.{one.channel}")
