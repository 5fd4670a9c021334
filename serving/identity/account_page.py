"""The page of the one who is signed in: as whom they can act, and who may act for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from records.database import reading
from records.grants import proxies_of, shows_delicate
from records.openings import granted
from records.settings import SHANGHAI
from records.tables import WHOLE
from serving.identity.desk import identity_of
from serving.identity.own_sessions import live_sessions
from serving.identity.visit import Visit
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.pages.session_frame import HatLine, hat_line
from serving.parts import Parts
from serving.reader import words_of
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class ProxyLine:
    """Somebody who may act for the reader."""

    id: str
    scope: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Letting:
    """What the reader lets others do and see."""

    code: str | None
    """A code just made, in groups that are easy to read out."""
    proxies: tuple[ProxyLine, ...]
    scopes: tuple[tuple[str, str], ...]
    """What a proxy may be granted: word and title."""
    today: str
    agents_until: str | None
    before_proxies: bool
    on_kiosks: bool


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A browser in which the reader is signed in."""

    handle: str
    began: str
    seen: str
    kiosk: bool
    this_one: bool


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What account.html is rendered from."""

    t: Words
    frame: Frame
    form_token: str
    hats: tuple[HatLine, ...]
    sessions: tuple[SessionLine, ...]
    letting: Letting | None
    """None for who decides for nobody, and on a kiosk."""


def account_page(request: Request, parts: Parts, visit: Visit, code: str | None = None) -> Response:
    """The page of a session's login, with a code just made."""
    words = words_of(request)
    with reading(parts.engine) as connection:
        letting = _letting(connection, request, parts, visit, code)
    context = AccountContext(
        t=words,
        frame=frame_of(request, words("account.title"), synthetic=False),
        form_token=visit.session.form_token if visit.session else "",
        hats=tuple(hat_line(hat, hat == visit.worn, words) for hat in visit.hats),
        sessions=_sessions(request, parts, visit, words),
        letting=letting,
    )
    return page(request, "account", context)


def _sessions(request: Request, parts: Parts, visit: Visit, words: Words) -> tuple[SessionLine, ...]:
    """None on a kiosk: where else somebody is signed in is nobody's business there."""
    if visit.mode == "kiosk":
        return ()
    own = None if visit.session is None else visit.session.handle
    return tuple(
        SessionLine(
            handle=one.handle,
            began=_moment(one.began_at, words),
            seen=_moment(one.seen_at, words),
            kiosk=one.mode == "kiosk",
            this_one=one.handle == own,
        )
        for one in live_sessions(parts, identity_of(request), visit)
    )


def _moment(at: dt.datetime, words: Words) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{words.day(here.date())} {here:%H:%M}"


def _letting(
    connection: Connection, request: Request, parts: Parts, visit: Visit, code: str | None
) -> Letting | None:
    words, on, hat = words_of(request), parts.desk.clock.on(), visit.worn
    decides = hat is not None and hat.role in ("citizen", "staff") and visit.mode != "kiosk"
    if hat is None or hat.subject is None or not decides:
        return None
    until = granted(connection, hat.subject, identity_of(request).wall())
    return Letting(
        code=None if code is None else f"{code[:3]} {code[3:6]} {code[6:]}",
        proxies=tuple(
            ProxyLine(
                id=one.subject,
                scope=_scope(one.scope, parts, words),
                until=None if one.valid_to is None else words.day(one.valid_to),
            )
            for one in proxies_of(connection, hat.subject, on)
        ),
        scopes=(
            (WHOLE, words("account.everything")),
            *(
                (f"theme:{theme.id}", words.name(theme.names))
                for theme in parts.catalogue.themes.values()
                if theme.subject == hat.kind
            ),
        ),
        today=on.isoformat(),
        agents_until=None if until is None else words.day(until.astimezone(SHANGHAI).date()),
        before_proxies=shows_delicate(connection, hat.subject, "proxy"),
        on_kiosks=shows_delicate(connection, hat.subject, "kiosk"),
    )


def _scope(scope: str | None, parts: Parts, words: Words) -> str:
    if scope is None or scope == WHOLE:
        return words("account.everything")
    kind, _, name = scope.partition(":")
    if kind == "theme" and name in parts.catalogue.themes:
        return words.name(parts.catalogue.themes[name].names)
    if kind == "item" and name in parts.catalogue.items:
        return words.name(parts.catalogue.items[name].names)
    return scope
