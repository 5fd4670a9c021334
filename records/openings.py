"""What service agents open: one subject at a time, on the subject's presence or grant, until a limit."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from catalog.vocabulary import SubjectKind
from records.sessions import digest_of
from records.tables import agent_grant, opening, presence, subject
from records.tables.vocabulary import OpeningGround

CODE_DIGITS = 10
CODE_LIVES = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One subject open to one agent."""

    subject: str
    kind: SubjectKind
    ground: OpeningGround
    reason: str
    shows_delicate: bool
    opened_at: dt.datetime
    ends_at: dt.datetime


def opening_of(connection: Connection, login: str, at: dt.datetime) -> Opening | None:
    """What an agent has open; nothing once its limit has passed or its grant was taken back."""
    o = opening.c
    statement = (
        select(o.subject, subject.c.kind, o.ground, o.reason, o.shows_delicate, o.opened_at, o.ends_at)
        .join(subject, subject.c.id == o.subject)
        .where(o.login == login, o.closed_at.is_(None), o.opened_at <= at, o.ends_at > at)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    found = Opening(**{**row._mapping, "kind": SubjectKind(row.kind)})
    if found.ground == "grant" and not granted(connection, found.subject, at):
        return None
    return found


def open_subject(connection: Connection, login: str, one: Opening) -> None:
    """Open a subject to an agent, closing whatever the agent had open before."""
    close_subject(connection, login, one.opened_at)
    values = {name: getattr(one, name) for name in Opening.__dataclass_fields__ if name != "kind"}
    connection.execute(opening.insert().values(login=login, **values))


def close_subject(connection: Connection, login: str, at: dt.datetime) -> None:
    """Close what an agent has open."""
    mine = (opening.c.login == login, opening.c.closed_at.is_(None))
    connection.execute(update(opening).where(*mine).values(closed_at=at))


def make_presence_code(connection: Connection, of: str, at: dt.datetime) -> str:
    """A code the subject reads out to an agent; it opens once, soon, and replaces any before."""
    connection.execute(delete(presence).where(presence.c.subject == of))
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    values = {"digest": digest_of(f"presence {code}"), "subject": of, "made_at": at}
    connection.execute(presence.insert().values(**values, ends_at=at + CODE_LIVES))
    return code


def take_presence_code(connection: Connection, code: str, at: dt.datetime) -> str | None:
    """Whose code this is; it is used up. None for a code that nobody made, or long ago."""
    p = presence.c
    taken = delete(presence).where(p.digest == digest_of(f"presence {code}")).returning(p.subject, p.ends_at)
    row = connection.execute(taken).one_or_none()
    return None if row is None or row.ends_at <= at else str(row.subject)


def grant_agents(connection: Connection, of: str, at: dt.datetime, until: dt.datetime) -> None:
    """Let service agents open a subject until a moment, without its presence."""
    connection.execute(agent_grant.insert().values(subject=of, granted_at=at, ends_at=until))


def withdraw_from_agents(connection: Connection, of: str, at: dt.datetime) -> None:
    """Take that back; whatever is open on it is closed by the same word."""
    g = agent_grant.c
    live = (g.subject == of, g.withdrawn_at.is_(None), g.ends_at > at)
    connection.execute(update(agent_grant).where(*live).values(withdrawn_at=at))
    resting = (opening.c.subject == of, opening.c.ground == "grant", opening.c.closed_at.is_(None))
    connection.execute(update(opening).where(*resting).values(closed_at=at))


def granted(connection: Connection, of: str, at: dt.datetime) -> dt.datetime | None:
    """Until when agents may open a subject without its presence; None when they may not."""
    g = agent_grant.c
    live = (g.subject == of, g.granted_at <= at, g.ends_at > at, g.withdrawn_at.is_(None))
    return connection.execute(select(g.ends_at).where(*live).order_by(g.ends_at.desc()).limit(1)).scalar()
