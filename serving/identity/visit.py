"""A request's caller: by a bearer token or by a session, with every hat they have and the one they wear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from anyio import from_thread
from sqlalchemy import Connection
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from records.database import reading
from records.grants import hides_delicate, shows_delicate
from records.logins import Login, login_with_id
from records.openings import Opening, opening_of
from records.sessions import Session, session_of, touch
from records.tables.vocabulary import SessionMode
from serving.identity.accounts import login_for
from serving.identity.actor import ALL_PURPOSES, Actor, Hat, Role
from serving.identity.cookies import session_secret
from serving.identity.desk import IdentityDesk, identity_of
from serving.identity.hats import hats_of
from serving.identity.refusals import TokenRefused
from serving.identity.tokens import access_claims, key_id
from serving.parts import Parts
from serving.spare_writes import write_if_possible

SCOPE_PREFIX: Final = "qianmian:"
"""Before a purpose, in the scopes of an access token."""
SEEN_EVERY: Final = 10
"""A session's use is noted once in this part of its idle time."""
DISCREET: Final = frozenset({Role.PROXY, Role.NEAR_RELATIVE})


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is calling."""

    login: Login
    hats: tuple[Hat, ...]
    worn: Hat | None
    """The hat of the session; None for a token, which picks by what it asks for, and for who has none."""
    session: Session | None
    purposes: frozenset[PurposeName]
    opened: Opening | None

    @property
    def mode(self) -> SessionMode:
        """Whether strangers share the screen."""
        return "standard" if self.session is None else self.session.mode

    @property
    def name(self) -> str:
        """What the audit calls them: the subject they are, else their login."""
        return self.login.subject or self.login.id

    def hat_for(self, kind: SubjectKind, subject: str) -> Hat | None:
        """The hat that reaches a subject: the worn one if it does, else the first of all."""
        reaching = [hat for hat in self.hats if (hat.kind, hat.subject) == (kind, subject)]
        return self.worn if self.worn in reaching else next(iter(reaching), None)

    def actor(self, connection: Connection, hat: Hat) -> Actor:
        """The caller in one capacity."""
        one = Actor(self.login.id, self.login.subject, hat, self.mode, self.purposes)
        if hat.role is Role.AGENT and self.opened is not None:
            one = replace(one, ground=self.opened.ground)
        if hat.role is Role.NEAR_RELATIVE and hat.subject is not None:
            one = replace(one, kept_back=hides_delicate(connection, hat.subject, "proxy"))
        return replace(one, shows_delicate=self._shows_delicate(connection, hat))

    def _shows_delicate(self, connection: Connection, hat: Hat) -> bool:
        if hat.subject is None:
            return False
        if self.mode == "kiosk":
            return shows_delicate(connection, hat.subject, "kiosk")
        if hat.role is Role.AGENT:
            return self.opened is not None and self.opened.shows_delicate
        return hat.role not in DISCREET or shows_delicate(connection, hat.subject, "proxy")


def visit_of(request: Request, parts: Parts, *, unused: bool = False) -> Visit | None:
    """Who calls; None for nobody. Called from a worker thread. Raises TokenRefused, IssuerUnavailable.

    An `unused` session is looked at without being kept alive by it.
    """
    desk = identity_of(request)
    given = request.headers.get("authorization")
    if given is not None:
        return _by_token(given, desk, parts)
    secret = session_secret(request, desk.settings)
    return None if secret is None else _by_session(secret, desk, parts, unused)


def _by_token(given: str, desk: IdentityDesk, parts: Parts) -> Visit:
    kind, _, token = given.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise TokenRefused("not a bearer token")
    keys = from_thread.run(desk.provider.keys_for, key_id(token))
    claims = access_claims(token, keys, desk.settings.issuer, desk.settings.audience, desk.wall())
    login = login_for(claims, desk, parts)
    scopes = claims.get("scope")
    said = scopes.split() if isinstance(scopes, str) else []
    purposes = frozenset(purpose for purpose in ALL_PURPOSES if f"{SCOPE_PREFIX}{purpose}" in said)
    with reading(parts.engine) as connection:
        opened = opening_of(connection, login.id, desk.wall())
        hats = hats_of(connection, login, parts, opened)
    return Visit(login, hats, None, None, purposes, opened)


def _by_session(secret: str, desk: IdentityDesk, parts: Parts, unused: bool) -> Visit | None:
    at = desk.wall()
    idle: dict[SessionMode, dt.timedelta] = {mode: one.idle for mode, one in desk.settings.limits.items()}
    with reading(parts.engine) as connection:
        session = session_of(connection, secret, at, idle)
        login = None if session is None else login_with_id(connection, session.login)
        if session is None or login is None:
            return None
        opened = opening_of(connection, login.id, at)
        hats = hats_of(connection, login, parts, opened)
    if not unused and at - session.seen_at > idle[session.mode] / SEEN_EVERY:
        # A session whose use cannot be noted just now goes on; it ends the sooner for it, never the later.
        write_if_possible(parts, lambda connection: touch(connection, session, at))
    worn = next((hat for hat in hats if hat.key == session.hat), hats[0] if hats else None)
    return Visit(login, hats, worn, session, ALL_PURPOSES, opened)
