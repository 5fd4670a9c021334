"""Numbers that identify people and firms: looked up by a keyed digest, kept sealed, and kept nowhere else."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, select

from privacy.cipher import KEY_BYTES, Envelope, place
from privacy.pseudonym import keyed_digest
from records.keys import Secrets, VersionedKey
from records.tables import identity


class IdentityTaken(ValueError):
    """The same document was recorded for another subject."""


def subject_with(connection: Connection, secrets: Secrets, scheme: str, value: str) -> str | None:
    """Whose document this is (`resident_id`, `credit_code` ...), under any version of the key."""
    digests = [_digest(made, scheme, value) for made in secrets["identity"].derived("document").values()]
    statement = select(identity.c.subject).where(identity.c.scheme == scheme, identity.c.digest.in_(digests))
    return connection.execute(statement).scalar_one_or_none()


def record_identity(
    connection: Connection, secrets: Secrets, subject: str, scheme: str, value: str, at: dt.datetime
) -> None:
    """Keep the number of a subject's document; a new number replaces the one before. Raises IdentityTaken."""
    other = subject_with(connection, secrets, scheme, value)
    if other == subject:
        return
    if other is not None:
        raise IdentityTaken(f"another subject holds this {scheme}")
    row = {"recorded_at": at, **_row(subject, scheme, value, secrets["identity"])}
    mine = (identity.c.subject == subject, identity.c.scheme == scheme)
    connection.execute(identity.delete().where(*mine))
    connection.execute(identity.insert().values(**row))


def documents_of(connection: Connection, secrets: Secrets, subject: str) -> dict[str, str]:
    """The numbers held of a subject, by scheme, for the subject alone to see."""
    statement = select(identity.c.scheme, identity.c.ciphertext).where(identity.c.subject == subject)
    envelope = _envelope(secrets["identity"])
    return {
        scheme: envelope.open(sealed, _place(subject, scheme)).decode()
        for scheme, sealed in connection.execute(statement)
    }


def rekey_identities(connection: Connection, key: VersionedKey, size: int = 1000) -> int:
    """Bring documents to the key's current version, at most `size` at once; how many there were."""
    i = identity.c
    old = (
        select(i.subject, i.scheme, i.ciphertext)
        .where(i.key_version != key.current)
        .limit(size)
        .with_for_update()
    )
    rows = connection.execute(old).all()
    for subject, scheme, sealed in rows:
        value = _envelope(key).open(sealed, _place(subject, scheme)).decode()
        mine = (i.subject == subject, i.scheme == scheme)
        connection.execute(identity.update().where(*mine).values(**_row(subject, scheme, value, key)))
    return len(rows)


def _row(subject: str, scheme: str, value: str, key: VersionedKey) -> dict[str, object]:
    return {
        "subject": subject,
        "scheme": scheme,
        "digest": _digest(key.derived("document")[key.current], scheme, value),
        "ciphertext": _envelope(key).seal(value.encode(), _place(subject, scheme)),
        "key_version": key.current,
    }


def _digest(key: bytes, scheme: str, value: str) -> bytes:
    return keyed_digest(key, scheme, value)


def _envelope(key: VersionedKey) -> Envelope:
    return Envelope(key.derived("document-envelope", KEY_BYTES), key.current)


def _place(subject: str, scheme: str) -> bytes:
    return place("identity", "ciphertext", subject, scheme)
