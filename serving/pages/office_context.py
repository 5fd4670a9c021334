"""The first page of an office: what its holder may do here, what never, and the figures it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from privacy.aggregates import SMALLEST, in_tens
from records.database import reading
from records.requests import open_requests
from records.settings import SHANGHAI
from records.tables.audit import audit
from serving.identity.actor import Role
from serving.pages.frame import Frame
from serving.pages.request_frame import frame_of
from serving.parts import Parts
from serving.reader import words_of
from serving.wording import Words

ROWS: Final = 50
"""The latest rows of the audit an auditor is shown."""
POINTS: Final = 3
"""How many things each office may do, and may not, in the words of the strings."""
LINKS: Final = {
    Role.OPERATOR: (("ready", "/ready"), ("metrics", "/metrics"), ("notice", "/about/recommendation")),
    Role.DATA_SCIENTIST: (("ready", "/ready"), ("notice", "/about/recommendation")),
    Role.AUDITOR: (("ready", "/ready"), ("notice", "/about/recommendation")),
}
COMMANDS: Final = {
    Role.OPERATOR: ("privacy requests", "outbox list", "catalog approve"),
    Role.DATA_SCIENTIST: ("train", "evaluate", "promote"),
    Role.AUDITOR: ("audit verify", "audit show"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it is of."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One row of the audit; subjects appear as their tokens."""

    number: int
    at: str
    role: str
    actor: str
    action: str
    about: str
    purpose: str


@dataclass(frozen=True, slots=True)
class OfficeContext:
    """What office.html is rendered from."""

    t: Words
    frame: Frame
    title: str
    lead: str
    may: tuple[str, ...]
    never: tuple[str, ...]
    figures: tuple[Figure, ...]
    links: tuple[tuple[str, str], ...]
    """Title and address."""
    commands: tuple[str, ...]
    rows: tuple[AuditLine, ...] | None
    """None for offices that do not read the audit."""


def office_context(
    request: Request, parts: Parts, role: Role, figures: Sequence[Figure], rows: Sequence[AuditLine] | None
) -> OfficeContext:
    """The page of one office."""
    words = words_of(request)
    said = f"office.{role.value}"
    return OfficeContext(
        t=words,
        frame=frame_of(request, words(f"{said}.title"), synthetic=False),
        title=words(f"{said}.title"),
        lead=words(f"{said}.lead"),
        may=tuple(words(f"{said}.may.{n}") for n in range(1, POINTS + 1)),
        never=tuple(words(f"{said}.never.{n}") for n in range(1, POINTS)),
        figures=tuple(figures),
        links=tuple((words(f"office.link.{name}"), address) for name, address in LINKS[role]),
        commands=tuple(f"qianmian {command}" for command in COMMANDS[role]),
        rows=None if rows is None else tuple(rows),
    )


def operating(parts: Parts, words: Words) -> tuple[Figure, ...]:
    """What is amiss, and how many requests wait, in whole tens: a few are neither told nor told apart."""
    with reading(parts.engine) as connection:
        waiting = open_requests(connection)
    late = [one for one in waiting if one.due_on < parts.desk.clock.on()]
    amiss = parts.condition.troubles
    return (
        Figure(words("office.state"), words("office.amiss", n=len(amiss)) if amiss else words("office.fine")),
        Figure(words("office.requests"), _told(len(waiting), words)),
        Figure(words("office.late"), _told(len(late), words)),
        Figure(words("office.catalogue"), parts.catalogue.version),
    )


def modelling(parts: Parts, words: Words) -> tuple[Figure, ...]:
    """Which models are in force, up to when they learned, and which were refused."""
    learned = parts.desk.learned
    ordered = [
        Figure(
            words(f"office.ordered.{kind.value}"),
            learned.ordered_by(kind)
            if learned is not None and learned.ranks(kind)
            else words("office.rules"),
        )
        for kind in SubjectKind
    ]
    trained = [
        Figure(words("office.trained", model=model), words.day(day))
        for model, day in sorted(parts.watch.seen.models_trained_to.items())
    ]
    refused = Figure(words("office.refused"), ", ".join(parts.refused) or words("office.none"))
    return (*ordered, *trained, refused)


def auditing(connection: Connection, words: Words) -> tuple[tuple[Figure, ...], tuple[AuditLine, ...]]:
    """How long the chain is, and its latest rows, the last first."""
    length = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    latest = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(ROWS)).all()
    rows = tuple(
        AuditLine(
            number=row.sequence,
            at=f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            role=row.role,
            actor=row.actor[:24],
            action=row.action,
            about=(row.subject_token or "")[:12],
            purpose=row.purpose or "",
        )
        for row in latest
    )
    return (Figure(words("office.length"), f"{length:,}"),), rows


def _told(count: int, words: Words) -> str:
    """In whole tens: those that are late are among those that wait, and their difference is no more told."""
    return words("office.few", least=SMALLEST) if count < SMALLEST else words("office.tens", n=in_tens(count))
