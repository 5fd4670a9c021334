"""Logins: accounts of an issuer, known here by a keyed digest, and what each is appointed to."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from privacy.cipher import KEY_BYTES, Envelope, place
from privacy.pseudonym import keyed_digest
from records.insertion import insert_new
from records.keys import VersionedKey
from records.tables import appointment, login
from records.tables.vocabulary import Office

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account at an issuer; both halves identify and are kept sealed."""

    issuer: str
    name: str
    """The issuer's `sub`."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account that has signed in here, by its opaque id."""

    id: str
    subject: str | None
    """Who it is, if a subject of the records."""


def login_of(connection: Connection, account: Account, key: VersionedKey) -> Login | None:
    """The login of an account, found under any version of the key; None if it never signed in."""
    digests = [_digest(made, account) for made in key.derived("login").values()]
    row = connection.execute(
        select(login.c.id, login.c.subject).where(login.c.digest.in_(digests))
    ).one_or_none()
    return None if row is None else Login(*row)


def login_with_id(connection: Connection, id: str) -> Login | None:
    """The login of this id."""
    row = connection.execute(select(login.c.id, login.c.subject).where(login.c.id == id)).one_or_none()
    return None if row is None else Login(*row)


def record_login(
    connection: Connection, account: Account, subject: str | None, key: VersionedKey, at: dt.datetime
) -> Login:
    """The account's login, made when there is none; linked to the subject where it was linked to nobody.

    An account that is somebody stays who it is: a later claim to be another changes nothing.
    """
    known = login_of(connection, account, key)
    if known is None:
        made = _row(f"l-{secrets.token_hex(_ID_BYTES)}", account, key)
        insert_new(connection, login, "digest", [{**made, "subject": subject, "made_at": at}])
        known = login_of(connection, account, key)
        if known is None:
            raise LookupError("the login that was just made is not there")
    if known.subject is None and subject is not None:
        connection.execute(login.update().where(login.c.id == known.id).values(subject=subject))
        return Login(known.id, subject)
    return known


def offices_of(connection: Connection, login_id: str, on: dt.date) -> frozenset[Office]:
    """What a login is appointed to on a day."""
    a = appointment.c
    statement = select(a.office).where(
        a.login == login_id,
        or_(a.valid_from.is_(None), a.valid_from <= on),
        or_(a.valid_to.is_(None), a.valid_to >= on),
    )
    return frozenset(connection.execute(statement).scalars())


def appoint(
    connection: Connection,
    login_id: str,
    office: Office,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> None:
    """Appoint a login to an office, or change the days of its appointment."""
    same = (appointment.c.login == login_id, appointment.c.office == office)
    connection.execute(appointment.delete().where(*same))
    row = {"login": login_id, "office": office, "valid_from": valid_from, "valid_to": valid_to}
    connection.execute(appointment.insert().values(**row))


def rekey_logins(connection: Connection, key: VersionedKey, size: int = 1000) -> int:
    """Bring logins to the key's current version, at most `size` at once; how many there were."""
    old = (
        select(login.c.id, login.c.ciphertext)
        .where(login.c.key_version != key.current)
        .limit(size)
        .with_for_update()
    )
    rows = connection.execute(old).all()
    for id_, ciphertext in rows:
        issuer, _, name = _envelope(key).open(ciphertext, _place(id_)).decode().partition("\0")
        made = _row(id_, Account(issuer, name), key)
        connection.execute(login.update().where(login.c.id == id_).values(**made))
    return len(rows)


def _row(id_: str, account: Account, key: VersionedKey) -> dict[str, object]:
    return {
        "id": id_,
        "digest": _digest(key.derived("login")[key.current], account),
        "ciphertext": _envelope(key).seal(f"{account.issuer}\0{account.name}".encode(), _place(id_)),
        "key_version": key.current,
    }


def _digest(key: bytes, account: Account) -> bytes:
    return keyed_digest(key, account.issuer, account.name)


def _envelope(key: VersionedKey) -> Envelope:
    return Envelope(key.derived("login-envelope", KEY_BYTES), key.current)


def _place(id_: str) -> bytes:
    return place("login", "ciphertext", id_)
