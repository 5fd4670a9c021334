"""Asking for consent unbidden, on a homepage: by theme, and not again within thirty days."""

from __future__ import annotations

from collections.abc import Iterable

from models.homepage.asking import Ask
from privacy.consent_texts import default_texts
from records.database import reading
from records.questions import Question, ask, may_ask
from records.settings import moment_of_writing
from serving.desk import ASSESS
from serving.parts import Parts
from serving.spare_writes import write_if_possible


def unbidden(parts: Parts, subject: str, asked: Iterable[Ask]) -> tuple[Ask, ...]:
    """The asks that may be put to a subject who did not ask for them: no consent asked for too lately."""
    at = moment_of_writing(parts.settings)
    with reading(parts.engine) as connection:
        return tuple(
            one
            for one in asked
            if (question := _question(subject, one)) is None or may_ask(connection, question, at)
        )


def note_asked(parts: Parts, subject: str, one: Ask) -> bool:
    """Note that the subject is asked now, in the words in force; an ask for an answer needs no note.

    False where it cannot be noted, and so must not be asked: it would be asked again and again.
    """
    question = _question(subject, one)
    if question is None:
        return True
    texts, (_, purpose, theme) = default_texts(), question
    wording = (texts.version(purpose, theme), texts.hash(purpose, theme))
    at = moment_of_writing(parts.settings)
    return write_if_possible(parts, lambda connection: ask(connection, question, wording, at))


def _question(subject: str, one: Ask) -> Question | None:
    return None if one.consent_group is None else (subject, ASSESS, one.consent_group)
