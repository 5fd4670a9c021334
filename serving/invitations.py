"""A subject's invitations as whoever asks may see them: what is proposed, what is agreed on, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models.invitation.answering import Answer
from models.recommendation import Entry, Urgency
from records.database import reading, writing
from records.invitation_answers import (
    Invitation,
    UnknownInvitation,
    agreed,
    answer_invitation,
    candidates,
    invitations_of,
)
from records.settings import moment_of_writing
from serving.desk import Known
from serving.identity.refusals import KeptBack
from serving.parts import Parts

IN_WINDOW: Final = (Urgency.OBLIGATION, Urgency.OVERDUE, Urgency.PROMPTLY)
"""Duties that stand on the list of what is to be done, invited to or not."""
POSTPONED_DAYS: Final = 14
"""When to ask again, where the subject names no day."""


@dataclass(frozen=True, slots=True)
class Lists:
    """候选清单 and 拟办清单 of a day."""

    on: dt.date
    candidates: tuple[Invitation, ...]
    agreed: tuple[Invitation, ...]
    duties: tuple[Entry, ...]
    """Duties in window that nothing was agreed on for."""


def lists_of(parts: Parts, known: Known) -> Lists:
    """Both lists of a subject, less what is kept back from whoever asks."""
    on, subject = known.judgement.on, known.assess.subject
    with reading(parts.engine) as connection:
        proposed = tuple(_shown(parts, candidates(connection, subject, on)))
        accepted = tuple(_shown(parts, agreed(connection, subject, on)))
    settled = {(one.scope_item, one.item, one.cycle) for one in accepted}
    duties = (
        entry
        for entry in known.entries
        if entry.urgency in IN_WINDOW and (entry.scope_item, entry.item, entry.cycle) not in settled
    )
    return Lists(on, proposed, accepted, tuple(sorted(duties, key=_nearest)))


def answer_for(parts: Parts, subject: str, invitation: int, answer: Answer) -> Invitation:
    """Keep an answer given through whoever asks. Raises UnknownInvitation, AnswerRefused."""
    with reading(parts.engine) as connection:
        mine = [one for one in invitations_of(connection, subject) if one.id == invitation]
    if not list(_shown(parts, mine)):
        raise UnknownInvitation(f"the subject has no invitation {invitation}")
    at = moment_of_writing(parts.settings)
    with writing(parts.engine) as connection:
        return answer_invitation(connection, subject, invitation, answer, at)


def _shown(parts: Parts, invitations: Iterable[Invitation]) -> Iterable[Invitation]:
    for one in invitations:
        item = parts.catalogue.items.get(one.item)
        if item is None:
            continue
        try:
            parts.desk.check_shown(item)
        except KeptBack:
            continue
        if parts.desk.shows_scope_item(item, one.scope_item):
            yield one


def _nearest(entry: Entry) -> tuple[object, ...]:
    return (entry.due_on or dt.date.max, entry.item, entry.scope_item)
