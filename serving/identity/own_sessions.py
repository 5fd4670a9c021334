"""The sessions of one login: where they are signed in, and the end of any of them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from records.audit import AuditEntry
from records.database import reading, writing
from records.sessions import Session, end_other_sessions, end_session_of, sessions_of
from records.tables.vocabulary import SessionMode
from serving.identity.desk import IdentityDesk
from serving.identity.visit import Visit
from serving.parts import Parts


def live_sessions(parts: Parts, desk: IdentityDesk, visit: Visit) -> tuple[Session, ...]:
    """The login's sessions that are not over, the latest used first."""
    idle: dict[SessionMode, dt.timedelta] = {mode: one.idle for mode, one in desk.settings.limits.items()}
    with reading(parts.engine) as connection:
        return sessions_of(connection, visit.login.id, desk.wall(), idle)


def end_one(parts: Parts, desk: IdentityDesk, visit: Visit, handle: str) -> bool:
    """End the login's own session of this handle, with a line in the audit; False where there is none."""
    with writing(parts.engine) as connection:
        ended = end_session_of(connection, visit.login.id, handle)
        if ended:
            _note(connection, parts, desk, visit, 1)
    return ended


def end_others(parts: Parts, desk: IdentityDesk, visit: Visit) -> int:
    """End all of the login's sessions but the one that asks (a token asks from none); how many."""
    kept = None if visit.session is None else visit.session.digest
    with writing(parts.engine) as connection:
        ended = end_other_sessions(connection, visit.login.id, kept)
        if ended:
            _note(connection, parts, desk, visit, ended)
    return ended


def _note(connection: Connection, parts: Parts, desk: IdentityDesk, visit: Visit, ended: int) -> None:
    entry = AuditEntry(
        at=desk.wall(),
        role="nobody" if visit.worn is None else visit.worn.role,
        actor=visit.name,
        action="sessions-ended",
        subject=visit.login.subject,
        detail={"ended": ended},
    )
    parts.audit.append(connection, entry)
