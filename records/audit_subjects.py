"""What stands for a subject in the audit chain: a token under a key of the subject's own.

The chain never holds a subject's id. While the key exists, the subject's rows can be found; erasure
destroys the key, and what the rows say then belongs to nobody, with the chain unbroken. Only who is in the
records has a key, so that none is made for somebody who was erased.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from privacy.cipher import Envelope, place
from privacy.pseudonym import keyed_digest
from records.tables import subject
from records.tables.audit import audit_key

_KEY_BYTES = 32
_TOKEN_BYTES = 20


def known_subjects(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are subjects' ids."""
    return set(connection.execute(select(subject.c.id).where(subject.c.id.in_(set(ids)))).scalars())


def tokens_of(connection: Connection, envelope: Envelope, subjects: Iterable[str]) -> Mapping[str, str]:
    """The token of each subject that has one."""
    wanted = set(subjects)
    if not wanted:
        return {}
    held = connection.execute(
        select(audit_key.c.subject, audit_key.c.sealed).where(audit_key.c.subject.in_(wanted))
    )
    return {each: _token(envelope.open(sealed, _place(each)), each) for each, sealed in held}


def tokens_for(connection: Connection, envelope: Envelope, subjects: Iterable[str]) -> Mapping[str, str]:
    """The token of each subject; who has none gets one. The caller holds the chain's head.

    An id that is no subject's, or no longer one's, gets a token that no key is kept of: what is said of
    somebody after their erasure can be put together neither with what was said before nor with what follows.
    """
    wanted = set(subjects)
    tokens = dict(tokens_of(connection, envelope, wanted))
    missing = wanted - set(tokens)
    there = known_subjects(connection, missing) if missing else set()
    tokens |= {each: secrets.token_hex(_TOKEN_BYTES) for each in sorted(missing - there)}
    fresh = {each: secrets.token_bytes(_KEY_BYTES) for each in sorted(there)}
    if fresh:
        rows = [{"subject": e, "sealed": envelope.seal(key, _place(e))} for e, key in fresh.items()]
        connection.execute(insert(audit_key), rows)
    return tokens | {each: _token(key, each) for each, key in fresh.items()}


def destroy_key(connection: Connection, erased: str) -> bool:
    """Destroy the key of a subject's tokens; False when there was none."""
    return connection.execute(delete(audit_key).where(audit_key.c.subject == erased)).rowcount > 0


def _place(subject_id: str) -> bytes:
    return place("audit_key", "sealed", subject_id)


def _token(key: bytes, subject_id: str) -> str:
    return keyed_digest(key, "audit", subject_id).hex()[: 2 * _TOKEN_BYTES]
