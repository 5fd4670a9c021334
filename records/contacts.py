"""Addresses a subject can be told at: sealed, and used only once a code sent there was typed in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import Connection, Table, delete, select

from privacy.cipher import KEY_BYTES, Envelope, place
from records.keys import Secrets, VersionedKey
from records.reliance import cancel_pushes_of
from records.tables import contact, contact_check
from records.tables.vocabulary import AddressChannel

SEALED: Final[dict[Table, tuple[str, ...]]] = {contact: ("ciphertext",), contact_check: ("address", "code")}
"""By table, the columns that hold ciphertext."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of a subject, verified or waiting for its code."""

    channel: AddressChannel
    address: str
    verified_at: dt.datetime | None
    ends_at: dt.datetime | None = None
    """Until when the code may be typed in, of one that waits."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one push goes, and the code it carries if it is one that verifies an address."""

    channel: AddressChannel
    address: str
    code: str | None = None


def contacts_of(
    connection: Connection, secrets: Secrets, subject: str, at: dt.datetime
) -> tuple[Contact, ...]:
    """The subject's addresses by channel, verified ones first; for the subject alone to see."""
    c, k, key = contact.c, contact_check.c, secrets["identity"]
    verified = connection.execute(select(c.channel, c.ciphertext, c.verified_at).where(c.subject == subject))
    found = [
        Contact(channel, opened(key, sealed, "contact", "ciphertext", subject, channel), when)
        for channel, sealed, when in verified
    ]
    waiting = connection.execute(
        select(k.channel, k.address, k.ends_at).where(k.subject == subject, k.ends_at > at)
    )
    found += [
        Contact(channel, opened(key, sealed, "contact_check", "address", subject, channel), None, ends_at)
        for channel, sealed, ends_at in waiting
    ]
    return tuple(sorted(found, key=lambda one: (one.verified_at is None, one.channel)))


def remove_contact(connection: Connection, subject: str, channel: AddressChannel) -> int:
    """Forget an address, verified or not, and cancel what waits to go there; how many pushes that were."""
    for table in SEALED:
        connection.execute(delete(table).where(table.c.subject == subject, table.c.channel == channel))
    return cancel_pushes_of(connection, subject, channel, lambda topic: True)


def sealed(key: VersionedKey, text: str, table: str, column: str, subject: str, channel: str) -> bytes:
    """A text as it is kept in one place of a table."""
    return _envelope(key).seal(text.encode(), place(table, column, subject, channel))


def opened(key: VersionedKey, kept: bytes, table: str, column: str, subject: str, channel: str) -> str:
    """The text again. Raises privacy.cipher.CipherError."""
    return _envelope(key).open(kept, place(table, column, subject, channel)).decode()


def rekey_contacts(connection: Connection, key: VersionedKey, size: int = 1000) -> int:
    """Bring addresses and codes to the key's current version, at most `size` of each at once; how many."""
    return sum(_rekey(connection, table, columns, key, size) for table, columns in SEALED.items())


def _rekey(connection: Connection, table: Table, columns: Iterable[str], key: VersionedKey, size: int) -> int:
    old = select(table).where(table.c.key_version != key.current).limit(size).with_for_update()
    rows = connection.execute(old).all()
    for row in rows:
        where = (row.subject, row.channel)
        made = {
            name: sealed(
                key,
                opened(key, cast(bytes, row._mapping[name]), table.name, name, *where),
                table.name,
                name,
                *where,
            )
            for name in columns
        }
        mine = (table.c.subject == row.subject, table.c.channel == row.channel)
        connection.execute(table.update().where(*mine).values(**made, key_version=key.current))
    return len(rows)


def _envelope(key: VersionedKey) -> Envelope:
    return Envelope(key.derived("contact-envelope", KEY_BYTES), key.current)
