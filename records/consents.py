"""Consents: read afresh at every call, so that a withdrawal holds on the next one; given and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

import polars as pl
from sqlalchemy import Connection, case, insert, select, update

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from privacy.consent import Consent, granted_targets
from privacy.consent_texts import ConsentTexts, default_texts
from records.arrivals import Came, note_arrivals
from records.bulk import read_rows
from records.reliance import cancel_pushes_relying_on, reliance
from records.subjects import hold_subjects
from records.tables import consent
from records.tables import subject as subjects

_MOMENT = dt.timedelta(microseconds=1)
_COLUMNS = (
    consent.c.subject,
    consent.c.purpose,
    consent.c.target,
    consent.c.granted_at,
    consent.c.withdrawn_at,
    consent.c.text_version,
)


def consents_of(
    connection: Connection, subject: str, texts: ConsentTexts | None = None
) -> tuple[Consent, ...]:
    """The subject's consents to the words in force, withdrawn ones among them, in the order given.

    A yes to words that have since changed is none.
    """
    return (texts or default_texts()).in_force(every_consent_of(connection, subject))


def every_consent_of(connection: Connection, subject: str) -> tuple[Consent, ...]:
    """Every consent the subject ever gave, to whatever words, in the order they were given."""
    statement = (
        select(*_COLUMNS)
        .where(consent.c.subject == subject)
        .order_by(consent.c.granted_at, consent.c.purpose, consent.c.target)
    )
    return tuple(Consent(*row) for row in connection.execute(statement))


def reminder_consents(
    connection: Connection, subjects: Collection[str], texts: ConsentTexts | None = None
) -> dict[str, tuple[Consent, ...]]:
    """The consents of each of the subjects that bear on reminders, to the words in force."""
    return consents_to(connection, "remind", subjects, texts)


def consents_to(
    connection: Connection,
    purpose: PurposeName,
    subjects: Collection[str],
    texts: ConsentTexts | None = None,
) -> dict[str, tuple[Consent, ...]]:
    """The consents of each of the subjects to a purpose, to the words in force."""
    said = select(*_COLUMNS).where(consent.c.subject.in_(subjects), consent.c.purpose == purpose)
    found: dict[str, list[Consent]] = {subject: [] for subject in subjects}
    for row in connection.execute(said):
        found[row.subject].append(Consent(*row))
    words = texts or default_texts()
    return {subject: words.in_force(each) for subject, each in found.items()}


def consents_table(
    connection: Connection,
    kind: SubjectKind,
    first: str | None = None,
    last: str | None = None,
    texts: ConsentTexts | None = None,
) -> pl.DataFrame:
    """The consents of all subjects of the kind (ids from `first` to `last`), as the columns of `Consent`.

    As in `consents_of`, a yes to words that have since changed is none.
    """
    statement = select(*_COLUMNS).join(subjects).where(subjects.c.kind == kind.value)
    if first is not None:
        statement = statement.where(consent.c.subject >= first)
    if last is not None:
        statement = statement.where(consent.c.subject <= last)
    return (texts or default_texts()).in_force_table(read_rows(connection, statement))


def grant(
    connection: Connection,
    subject: str,
    purpose: PurposeName,
    targets: Iterable[str],
    text_version: str,
    at: dt.datetime,
) -> int:
    """Note a yes to a purpose's use of these targets, in these words; how many it was new for."""
    said = consents_of(connection, subject)
    # A yes after a no of the same instant is later all the same.
    taken = [one.withdrawn_at for one in said if one.purpose == purpose and one.withdrawn_at]
    when = max([at, *(gone + _MOMENT for gone in taken)])
    fresh = sorted(set(targets) - granted_targets(said, purpose, when))
    if fresh:
        row = {"subject": subject, "purpose": purpose, "granted_at": when, "text_version": text_version}
        connection.execute(insert(consent), [{**row, "target": target} for target in fresh])
        note_arrivals(connection, [Came(subject, "consent")])
    return len(fresh)


def withdraw(
    connection: Connection, subject: str, purpose: PurposeName, targets: Iterable[str], at: dt.datetime
) -> tuple[int, int]:
    """Take back every yes to a purpose's use of these targets: how many, and how many pushes it cancelled.

    What waited to be sent and rested on one of them is cancelled in the same transaction.
    """
    hold_subjects(connection, [subject])
    wanted = sorted(set(targets))
    mine = (consent.c.subject == subject, consent.c.purpose == purpose, consent.c.target.in_(wanted))
    when = case((consent.c.granted_at > at, consent.c.granted_at), else_=at)
    open_rows = (*mine, consent.c.withdrawn_at.is_(None))
    taken = connection.execute(update(consent).where(*open_rows).values(withdrawn_at=when)).rowcount
    if taken:
        note_arrivals(connection, [Came(subject, "consent")])
    cancelled = cancel_pushes_relying_on(connection, subject, [reliance(purpose, t) for t in wanted])
    return taken, cancelled
