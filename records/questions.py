"""When a subject was asked for a consent, in which words, and their answer: so as not to ask too often."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, update

from features.schema import PurposeName
from records.insertion import insert_or_change
from records.tables import consent_question

REST: Final = dt.timedelta(days=30)
"""Nobody is asked the same thing again within this time."""
Question = tuple[str, PurposeName, str]
"""Subject, purpose and theme."""
Wording = tuple[str, str]
"""Version and hash of the words."""


def may_ask(connection: Connection, question: Question, at: dt.datetime) -> bool:
    """Whether the subject may be asked unbidden: they were not asked, nor answered, in the last 30 days."""
    said = func.max(func.coalesce(consent_question.c.answered_at, consent_question.c.asked_at))
    last = connection.execute(select(said).where(*_same(question))).scalar_one()
    return last is None or at - last >= REST


def ask(connection: Connection, question: Question, wording: Wording, at: dt.datetime) -> bool:
    """Note that the subject is asked now; False, and nothing noted, when it is too soon."""
    if not may_ask(connection, question, at):
        return False
    _note(connection, question, wording, at)
    return True


def answered(
    connection: Connection, question: Question, granted: bool, wording: Wording, at: dt.datetime
) -> None:
    """Note an answer, to a question that is open or to none."""
    unanswered = (*_same(question), consent_question.c.granted.is_(None), consent_question.c.asked_at <= at)
    answer = {"granted": granted, "answered_at": at}
    if connection.execute(update(consent_question).where(*unanswered).values(**answer)).rowcount == 0:
        _note(connection, question, wording, at, **answer)


def _note(
    connection: Connection, question: Question, wording: Wording, at: dt.datetime, **answer: object
) -> None:
    subject, purpose, theme = question
    row = {"subject": subject, "purpose": purpose, "theme": theme, "asked_at": at}
    row |= {"text_version": wording[0], "text_hash": wording[1]}
    insert_or_change(connection, consent_question, row | answer)


def _same(question: Question) -> tuple[ColumnElement[bool], ...]:
    c, (subject, purpose, theme) = consent_question.c, question
    return (c.subject == subject, c.purpose == purpose, c.theme == theme)
