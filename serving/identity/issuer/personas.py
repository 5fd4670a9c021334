"""Whom the embedded issuer signs people in as: any subject, and one official of each office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from sqlalchemy import Connection

from catalog.vocabulary import Names, SubjectKind
from records.logins import Account, appoint, record_login
from records.subjects import UnknownSubject, kind_of
from records.tables.vocabulary import OFFICES, Office
from serving.identity.desk import IdentityDesk
from serving.parts import Parts
from serving.samples import offered

OFFICIAL: Final = "official"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as."""

    key: str
    """`citizen:ID`, `enterprise:ID` or `official:OFFICE`."""
    title: Names | None

    @property
    def subject(self) -> str | None:
        """Which subject it is; None for an official."""
        kind, _, id_ = self.key.partition(":")
        return None if kind == OFFICIAL else id_

    @property
    def office(self) -> Office | None:
        """Which office it holds; None for a subject."""
        kind, _, office = self.key.partition(":")
        return next((each for each in get_args(Office) if kind == OFFICIAL and each == office), None)


def sample_personas(connection: Connection, parts: Parts) -> tuple[Persona, ...]:
    """The subjects worth being, as on the front page."""
    return tuple(
        Persona(f"{sample.kind.value}:{sample.id}", sample.title)
        for sample in offered(parts.samples, connection)
    )


def officials() -> tuple[Persona, ...]:
    """One official of each office."""
    return tuple(Persona(f"{OFFICIAL}:{office}", None) for office in OFFICES)


def persona_of(connection: Connection, key: str) -> Persona | None:
    """The persona of a key, if there is somebody like that."""
    kind, _, id_ = key.partition(":")
    if kind == OFFICIAL:
        return Persona(key, None) if id_ in OFFICES else None
    try:
        return Persona(key, None) if kind_of(connection, id_) == SubjectKind(kind) else None
    except (UnknownSubject, ValueError):
        return None


def ensure_appointed(connection: Connection, persona: Persona, desk: IdentityDesk, parts: Parts) -> None:
    """Appoint an official of the embedded issuer to its office, as an operator would appoint a real one."""
    if persona.office is not None:
        account = Account(desk.settings.issuer, persona.key)
        known = record_login(connection, account, None, parts.secrets["identity"], desk.wall())
        appoint(connection, known.id, persona.office)
