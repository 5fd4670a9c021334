"""Sessions and sign-ins under way: found by a digest, for the secret itself stays with the browser."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, or_, select, update

from records.tables import session, sign_in
from records.tables.vocabulary import SessionMode

_SECRET_BYTES = 32
HANDLE_LENGTH = 24
"""Hexadecimal digits of a session's handle."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives unused, and at all."""

    idle: dt.timedelta
    whole: dt.timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A session in use."""

    digest: bytes
    login: str
    form_token: str
    hat: str | None
    mode: SessionMode
    began_at: dt.datetime
    seen_at: dt.datetime
    ends_at: dt.datetime

    @property
    def handle(self) -> str:
        """What its owner calls it by: of a digest, so that nobody who sees it can use the session."""
        return self.digest.hex()[:HANDLE_LENGTH]

    def is_live(self, at: dt.datetime, idle: dict[SessionMode, dt.timedelta]) -> bool:
        """Whether it was neither left too long nor lasted too long."""
        return at < self.ends_at and at - self.seen_at < idle[self.mode]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that an issuer has yet to answer."""

    nonce: str
    verifier: str
    next: str
    mode: SessionMode
    began_at: dt.datetime


def fresh_secret() -> str:
    """A secret nobody guesses, fit for a cookie or an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """What a secret is found by."""
    return hashlib.sha256(secret.encode()).digest()


def begin_session(
    connection: Connection, login: str, mode: SessionMode, at: dt.datetime, limits: Limits
) -> tuple[str, Session]:
    """A new session and its secret, which is told this once."""
    secret = fresh_secret()
    begun = Session(digest_of(secret), login, fresh_secret(), None, mode, at, at, at + limits.whole)
    connection.execute(session.insert().values(**_values(begun)))
    return secret, begun


def session_of(
    connection: Connection, secret: str, at: dt.datetime, idle: dict[SessionMode, dt.timedelta]
) -> Session | None:
    """The live session of a secret; None when there is none, or it was left too long or lasted too long."""
    row = connection.execute(select(session).where(session.c.digest == digest_of(secret))).one_or_none()
    if row is None:
        return None
    found = Session(**row._mapping)
    return found if found.is_live(at, idle) else None


def sessions_of(
    connection: Connection, login: str, at: dt.datetime, idle: dict[SessionMode, dt.timedelta]
) -> tuple[Session, ...]:
    """The live sessions of a login, the latest used first."""
    statement = select(session).where(session.c.login == login).order_by(session.c.seen_at.desc())
    found = (Session(**row._mapping) for row in connection.execute(statement))
    return tuple(one for one in found if one.is_live(at, idle))


def still_there(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Those of the sessions that nobody has ended, left alone or not."""
    return set(connection.execute(select(session.c.digest).where(session.c.digest.in_(digests))).scalars())


def touch(connection: Connection, one: Session, at: dt.datetime) -> None:
    """Note that a session is in use; an earlier moment never replaces a later one."""
    mine = (session.c.digest == one.digest, session.c.seen_at < at)
    connection.execute(update(session).where(*mine).values(seen_at=at))


def change_hat(connection: Connection, one: Session, hat: str | None, at: dt.datetime) -> str:
    """Put on another hat: the session goes on under a new secret and form token; the old are void."""
    secret = fresh_secret()
    renewed = {"digest": digest_of(secret), "form_token": fresh_secret(), "hat": hat, "seen_at": at}
    changed = connection.execute(update(session).where(session.c.digest == one.digest).values(**renewed))
    if changed.rowcount != 1:
        raise LookupError("the session has ended meanwhile")
    return secret


def end_session(connection: Connection, secret: str) -> str | None:
    """End a session; whose it was, or None when there was none."""
    gone = delete(session).where(session.c.digest == digest_of(secret)).returning(session.c.login)
    return connection.execute(gone).scalar_one_or_none()


def end_session_of(connection: Connection, login: str, handle: str) -> bool:
    """End one of a login's own sessions by its handle; False where it has none of that handle."""
    digests = connection.execute(select(session.c.digest).where(session.c.login == login)).scalars()
    mine = [digest for digest in digests if digest.hex()[:HANDLE_LENGTH] == handle]
    if mine:
        connection.execute(delete(session).where(session.c.digest.in_(mine)))
    return bool(mine)


def end_other_sessions(connection: Connection, login: str, kept: bytes | None) -> int:
    """End every session of a login but the one of this digest; how many there were."""
    theirs = delete(session).where(session.c.login == login)
    if kept is not None:
        theirs = theirs.where(session.c.digest != kept)
    return connection.execute(theirs).rowcount


def end_sessions_of(connection: Connection, login: str) -> int:
    """End every session of a login; how many there were."""
    return connection.execute(delete(session).where(session.c.login == login)).rowcount


def begin_sign_in(connection: Connection, state: str, browser: str, begun: SignIn) -> None:
    """Remember what was sent to the issuer, and from which browser."""
    values = {
        "state": digest_of(state),
        "browser": digest_of(browser),
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": begun.next,
        "mode": begun.mode,
        "began_at": begun.began_at,
    }
    connection.execute(sign_in.insert().values(**values))


def take_sign_in(connection: Connection, state: str, browser: str, since: dt.datetime) -> SignIn | None:
    """The sign-in begun with this state in this browser after `since`; it can be taken once."""
    s = sign_in.c
    mine = (s.state == digest_of(state), s.browser == digest_of(browser), s.began_at > since)
    taken = delete(sign_in).where(*mine).returning(s.nonce, s.verifier, s.next, s.mode, s.began_at)
    row = connection.execute(taken).one_or_none()
    return None if row is None else SignIn(*row)


def forget_ended(
    connection: Connection, at: dt.datetime, idle: dt.timedelta, sign_in_since: dt.datetime
) -> None:
    """Remove sessions that are over (unused for longer than any may be) and sign-ins nobody finished."""
    over = or_(session.c.ends_at <= at, session.c.seen_at <= at - idle)
    connection.execute(delete(session).where(over))
    connection.execute(delete(sign_in).where(sign_in.c.began_at <= sign_in_since))


def _values(one: Session) -> dict[str, object]:
    return {name: getattr(one, name) for name in Session.__dataclass_fields__}
