"""Adding to the audit chain: who did what to whose data, in which role, when, and what for.

Every row carries the hash of the one before it, so that a changed, removed or moved row shows. Rows name
subjects by tokens (records.audit_subjects). `AuditChain.append` writes within the caller's transaction:
what is done and what is said of it are kept together, or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select, union_all

from privacy.cipher import Envelope
from records.audit_encoding import Scalar, batch_hash, check_detail, check_text, row_hash
from records.audit_heads import AuditBroken, Sealer, read_head, write_head
from records.audit_subjects import destroy_key, known_subjects, tokens_for, tokens_of
from records.keys import Secrets
from records.tables.audit import audit, audit_view

SEALED: Final = "views.sealed"
"""The action of a row that seals a batch of subjects' own views."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. Where `actor` is a subject's id the chain keeps their token; `detail` names no person."""

    at: dt.datetime
    role: str
    actor: str
    action: str
    subject: str | None = None
    purpose: str | None = None
    detail: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"{self.at!r} has no time zone; the audit chain keeps aware times only")
        check_text(self.role, self.actor, self.action, self.subject, self.purpose)
        check_detail(self.detail)


@dataclass(frozen=True, slots=True)
class Access:
    """One row about a subject, as the subject may see it."""

    at: dt.datetime
    role: str
    actor: str
    """A token where the actor is a subject."""
    action: str
    purpose: str | None
    detail: Mapping[str, Scalar]
    own: bool
    """True when the subject was looking themselves."""


@dataclass(frozen=True, slots=True)
class AuditChain:
    """The chain of one run. Safe to share between threads; it holds keys and nothing else."""

    envelope: Envelope
    sealer: Sealer

    def append(self, connection: Connection, *entries: AuditEntry) -> int:
        """Add entries within the caller's transaction (`records.database.writing`); the last one's number.

        The head stays locked until that transaction ends, so append as its last step. Raises AuditBroken
        when the head is not as this chain left it.
        """
        if connection.dialect.name == "sqlite" and not connection.get_execution_options().get("writes"):
            raise RuntimeError("append to the audit chain within records.database.writing")
        head = read_head(connection, lock=True)
        if not self.sealer.holds(head):
            raise AuditBroken("the head of the audit chain has a wrong seal: run `qianmian audit verify`")
        sequence, last = head.sequence, head.hash
        rows = []
        for content in self._contents(connection, entries):
            sequence += 1
            rows.append({"sequence": sequence, **content, "previous_hash": last})
            last = rows[-1]["hash"] = row_hash(sequence, content, last)
        if rows:
            connection.execute(insert(audit), rows)
            write_head(connection, self.sealer.head(sequence, last))
        return sequence

    def append_views(self, connection: Connection, views: Sequence[AuditEntry]) -> int:
        """Add subjects' views of their own data under one row that seals them; its number."""
        read_head(connection, lock=True)  # before anybody's token is made
        contents = self._contents(connection, views)
        seal: dict[str, Scalar] = {"count": len(views), "views": batch_hash(contents)}
        sequence = self.append(connection, AuditEntry(views[-1].at, "system", "audit", SEALED, detail=seal))
        rows = [{"batch": sequence, "position": n, **content} for n, content in enumerate(contents)]
        connection.execute(insert(audit_view), rows)
        return sequence

    def _contents(self, connection: Connection, entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
        subjects = {entry.subject for entry in entries if entry.subject is not None}
        subjects |= known_subjects(connection, {entry.actor for entry in entries})
        tokens = tokens_for(connection, self.envelope, subjects)
        for entry in entries:
            if subjects & {value for value in entry.detail.values() if isinstance(value, str)}:
                raise ValueError(
                    f"the detail of {entry.action} names a subject; name them as subject or actor"
                )
        return [_content(entry, tokens) for entry in entries]

    def forget(self, connection: Connection, subject: str) -> bool:
        """Destroy the key of the subject's tokens, so that no row can be told to be theirs; False if none.

        Append what is to be said of the erasure first: a later entry about them belongs to nobody.
        """
        return destroy_key(connection, subject)

    def token(self, connection: Connection, subject: str) -> str | None:
        """What the chain calls a subject; None when it knows none, or the key was destroyed."""
        return tokens_of(connection, self.envelope, [subject]).get(subject)

    def accesses(self, connection: Connection, subject: str, limit: int | None = None) -> tuple[Access, ...]:
        """What the chain says about a subject, latest first, at most `limit`: who looked, what was done."""
        token = self.token(connection, subject)
        if token is None:
            return ()
        names = ("at", "role", "actor", "action", "purpose", "detail")
        both = union_all(
            *(
                select(*(table.c[n] for n in names)).where(table.c.subject_token == token)
                for table in (audit, audit_view)
            )
        ).subquery()
        latest = select(both).order_by(both.c.at.desc()).limit(limit)
        own = _actor(token)
        return tuple(Access(**row._mapping, own=row.actor == own) for row in connection.execute(latest))


def audit_chain(secrets: Secrets) -> AuditChain:
    """The chain under these secrets."""
    key = secrets["audit"]
    return AuditChain(
        Envelope(key.derived("audit subject keys", 16), key.current),
        Sealer(key.derived("audit heads"), key.current),
    )


def _content(entry: AuditEntry, tokens: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": entry.at,
        "role": entry.role,
        "actor": _actor(tokens[entry.actor]) if entry.actor in tokens else entry.actor,
        "action": entry.action,
        "subject_token": None if entry.subject is None else tokens[entry.subject],
        "purpose": entry.purpose,
        "detail": dict(entry.detail),
    }


def _actor(token: str) -> str:
    return f"subject:{token}"
