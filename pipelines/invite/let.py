"""What subjects let a round know of them, and whether that is still so when the round is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection

from pipelines.invite.ground import RANK, REMIND
from privacy.consent import Consent
from records.choices import choices_of_all
from records.consents import consents_to
from records.departures import departed_among
from records.subjects import hold_subjects

Skip = Literal["told_nothing", "departed", "no_room", "gone_since", "reminders_changed", "ranking_changed"]
"""Why a round leaves a subject out: reminders are let know nothing, they have departed, enough was proposed
this month; or, since they were judged, they are gone, or changed what reminders or ranking may know."""


@dataclass(frozen=True, slots=True)
class Let:
    """What one subject lets a round know."""

    reminders: frozenset[Consent] = frozenset()
    ranking: frozenset[Consent] = frozenset()
    personalised: bool = True
    deleted_tags: frozenset[str] = frozenset()


NOTHING: Final = Let()


def let_by(connection: Connection, subjects: Collection[str]) -> dict[str, Let]:
    """What each of the subjects lets a round know."""
    reminders = consents_to(connection, REMIND, subjects)
    ranking = consents_to(connection, RANK, subjects)
    choices = choices_of_all(connection, subjects)
    return {
        subject: Let(
            frozenset(reminders[subject]),
            frozenset(ranking[subject]),
            choices[subject].personalised,
            choices[subject].deleted_tags,
        )
        for subject in subjects
    }


def changed_since(connection: Connection, judged: Mapping[str, Let]) -> dict[str, Skip]:
    """Whoever is not to be written of as they were judged, and why; all are held until the transaction ends.

    So whatever they take back is taken back before this looks, or after what is written has been written.
    """
    here = hold_subjects(connection, judged)
    here -= departed_among(connection, sorted(here))
    now = let_by(connection, here)
    found: dict[str, Skip] = {}
    for subject, then in judged.items():
        if subject not in here:
            found[subject] = "gone_since"
        elif now[subject].reminders != then.reminders:
            found[subject] = "reminders_changed"
        elif now[subject] != then:
            found[subject] = "ranking_changed"
    return found
