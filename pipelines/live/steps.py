"""The steps a worker takes, in their order: what a case completes, who is called back, who stands where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from catalog.vocabulary import SubjectKind
from pipelines.call_back.step import CallBack
from pipelines.difference.reassess import Reassessor
from pipelines.difference.run import had_in, latest_standings
from pipelines.difference.standings_kept import KeptStandings
from pipelines.live.ground import Ground, Grounds
from pipelines.live.step import Step
from pipelines.package_push.renewal import Renewer
from records.arrivals import Came
from records.cases import cases_with_ids
from records.departures import departures_of
from records.invitation_answers import complete_invitations
from records.series import stop_series
from records.settings import moment_of_writing, today_in_shanghai
from records.subjects import kind_of

CHANGES_STANDING: Final = frozenset(
    {"case", "evidence", "register", "relation", "consent", "departure", "catalogue"}
)
"""What may change where somebody stands. What they look at and ask about does not: a right is decided."""


def steps_on(grounds: Grounds) -> Sequence[Step]:
    """All steps, on the ground of the catalogue in use."""
    called = CallBack(lambda: grounds.latest, lambda: moment_of_writing(grounds.settings))
    return (EndSeries(), CompleteInvitations(grounds), called, Reassess(grounds), RenewPackage(grounds))


@dataclass(frozen=True, slots=True)
class EndSeries:
    """Whoever has departed is told nothing more: what was told meanwhile ends with the rest."""

    def concerns(self, came: Came) -> bool:
        """Departures alone."""
        return came.kind == "departure"

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Cancel what waits and close what is open, where the records still say that the subject departed."""
        if departures_of(connection, {subject}):
            stop_series(connection, subject, at)


@dataclass(frozen=True, slots=True)
class CompleteInvitations:
    """A case that succeeded completes the invitations to its matter."""

    grounds: Grounds

    def concerns(self, came: Came) -> bool:
        """Cases alone."""
        return came.kind == "case"

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Hand each case, as it stands by now, to the invitations."""
        for case in cases_with_ids(connection, {id_ for one in came for id_ in one.about}):
            complete_invitations(connection, case)


class Reassess:
    """The subject is judged afresh; what became due is told, what is due no longer is taken back.

    It is the daily difference, of one subject and now, by the same code. Of whom the worker has judged on the
    same day by the same catalogue, only those items are judged again that read what is known otherwise now.
    """

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._made: tuple[Ground, str | None, Reassessor] | None = None

    @property
    def judged(self) -> int:
        """How many pairs of scope item and item were judged by the catalogue in use."""
        kept = None if self._made is None else self._made[2].kept
        return 0 if kept is None else kept.judged

    def concerns(self, came: Came) -> bool:
        """What may change where somebody stands."""
        return came.kind in CHANGES_STANDING

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Judge and tell, in the caller's transaction, as of the business day."""
        settings = self._grounds.settings
        if any(one.kind == "catalogue" for one in came):
            self._grounds.look()  # the arrival may be here before anybody looked for the new catalogue
        told_at, on = moment_of_writing(settings), today_in_shanghai(settings)
        self._reassessor().reassess(connection, subject, told_at, on)

    def _reassessor(self) -> Reassessor:
        """That of the catalogue in use and the last scoring; made anew when either is another."""
        ground, standings = self._grounds.latest, latest_standings(self._grounds.settings)
        name = None if standings is None else standings.name
        if self._made is None or self._made[0] is not ground or self._made[1] != name:
            kept = KeptStandings(ground.catalogue, ground.book, ground.calendar)
            if self._made is not None and self._made[0] is ground:
                kept = self._made[2].kept or kept
            made = Reassessor(
                ground.catalogue, ground.profiles, ground.book, ground.calendar, had_in(standings), kept
            )
            self._made = ground, name, made
        return self._made[2]


@dataclass(frozen=True, slots=True)
class RenewPackage:
    """An enterprise's policy package is computed anew, and one digest of what changed is told."""

    grounds: Grounds

    def concerns(self, came: Came) -> bool:
        """What may change where somebody stands; of enterprises alone, which the records say."""
        return came.kind in CHANGES_STANDING

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Compute and tell, in the caller's transaction; nothing for a citizen."""
        if kind_of(connection, subject) is not SubjectKind.ENTERPRISE:
            return
        ground, settings = self.grounds.latest, self.grounds.settings
        renewer = Renewer(ground.catalogue, ground.profiles, ground.book, ground.calendar)
        renewer.renew(connection, subject, moment_of_writing(settings), today_in_shanghai(settings))
