"""What to propose to the subjects of a page today, given where they stand as far as reminders may know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
from sqlalchemy import Connection

from models.feedback.terms import default_terms
from models.feedback.wishes import NONE, Wishes, wishes_of
from models.invitation.propose import (
    Circumstances,
    Pair,
    Proposal,
    Proposed,
    propose,
    room_left,
    waits_for_chance,
)
from pipelines.invite.ground import Asked, Ground, chances, may_rank, see
from pipelines.invite.standings import Stood
from records.choices import Choices, choices_of_all
from records.wishes import said_by_many

PRESSING: Final = frozenset({"obligation_overdue", "obligation_due", "right_lapsing", "obligation_promptly"})
"""Reasons that stand whatever any model says, and come before all others."""
Before = Mapping[str, tuple[Proposed, ...]]


@dataclass(frozen=True, slots=True)
class Begun:
    """One subject before the models are asked."""

    subject: str
    stood: Stood
    known: Circumstances
    pressing: tuple[Proposal, ...]
    asked: Asked | None = None
    """What is asked of the models; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Proposes to the subjects of a page, who are of one kind."""

    ground: Ground
    connection: Connection
    before: Before
    wishes: Mapping[str, Wishes]
    choices: Mapping[str, Choices]

    def begun(self, subject: str, stood: Stood) -> Begun | None:
        """What is proposed without a guess, and what a guess is wanted of; None where no room is left.

        What is pressing comes first and needs no guess: the models are only asked where room is left after
        it, and only of what they would decide.
        """
        ground, before = self.ground, self.before.get(subject, ())
        room = room_left(before, ground.on)
        if room <= 0:
            return None
        known = Circumstances(before=before, set_aside=self._set_aside(subject, stood), load=ground.load)
        pressing = self.propose(subject, stood, known)
        if len(pressing) >= room and all(one.reason_code in PRESSING for one in pressing):
            return Begun(subject, stood, known, pressing)
        open_ = waits_for_chance(stood.entries, ground.catalogue, ground.on, known)
        if not open_ or not may_rank(ground, self.connection, subject, self.choices[subject]):
            return Begun(subject, stood, known, pressing)
        seen = see(ground, self.connection, subject)
        return Begun(subject, stood, known, pressing, Asked(seen, open_, stood.entries, stood.items))

    def propose(self, subject: str, stood: Stood, known: Circumstances) -> tuple[Proposal, ...]:
        """What to propose, as far as the circumstances are known."""
        ground = self.ground
        return propose(subject, stood.entries, ground.catalogue, ground.calendar, ground.on, known)

    def _set_aside(self, subject: str, stood: Stood) -> frozenset[Pair]:
        wishes = self.wishes.get(subject, NONE)
        pairs = {(one.scope_item, one.item) for one in stood.entries}
        return frozenset(pair for pair in pairs if wishes.aside(*pair, self.ground.on) is not None)


def proposals(
    ground: Ground, connection: Connection, before: Before, page: Sequence[tuple[str, Stood]]
) -> Iterator[Proposal]:
    """What to propose to the subjects of a page."""
    subjects = [subject for subject, _ in page]
    said = said_by_many(connection, pl.Series(subjects, dtype=pl.String))
    wishes = {subject: wishes_of(each, default_terms()) for subject, each in said.items()}
    proposing = Proposing(ground, connection, before, wishes, choices_of_all(connection, subjects))
    begun = [one for one in (proposing.begun(*each) for each in page) if one is not None]
    asked = [one.asked for one in begun if one.asked is not None]
    guesses = iter(chances(ground, asked))
    for one in begun:
        guessed = {} if one.asked is None else next(guesses)
        known = replace(one.known, chances=guessed)
        yield from proposing.propose(one.subject, one.stood, known) if guessed else one.pressing
