"""What a worker does when a consultation came in: answer it, or note why not; once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from features.schema import UseName
from models.recommendation import Entry
from models.standing.standing import stand
from pipelines.call_back.answering import answer_key, answer_message
from pipelines.call_back.matching import OPEN, Matched, matched
from pipelines.live.ground import Ground
from privacy.mask import mask
from records.arrivals import Came
from records.call_backs import keep_call_back, unanswered
from records.consents import consents_of
from records.consultations import ConsultationRecord
from records.invitation_answers import delivered
from records.reminders import USE_OF
from records.settings import SHANGHAI
from records.subjects import kind_of
from records.tables.vocabulary import ADDRESS_CHANNELS, CallBackOutcome, ReminderChannel
from records.telling import channels_wanted, tell

REMIND: Final[UseName] = "remind"


@dataclass(frozen=True, slots=True)
class CallBack:
    """Sends the answer of the catalogue to whoever asked; `ground` is the one in use, `at` business time."""

    ground: Callable[[], Ground]
    at: Callable[[], dt.datetime]

    def concerns(self, came: Came) -> bool:
        """Whether a consultation came."""
        return came.kind == "consultation"

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Answer those of them that are not answered. Again, it changes nothing."""
        ids = {id_ for one in came for id_ in one.about}
        now = self.at()
        for one in unanswered(connection, ids):
            if one.subject == subject:
                outcome, items = self._answer(connection, one, subject, now)
                key = answer_key(one) if outcome == "sent" else None
                keep_call_back(connection, one.id, outcome, now, items, key)

    def _answer(
        self, connection: Connection, one: ConsultationRecord, subject: str, now: dt.datetime
    ) -> tuple[CallBackOutcome, tuple[str, ...]]:
        ground = self.ground()
        entries = (
            self._entries(connection, subject, REMIND, now) if one.topic in ground.catalogue.themes else ()
        )
        found = matched(one.topic, kind_of(connection, subject), ground.catalogue, entries)
        if found is None or not found.items:
            return "nothing_matches", ()
        ways = self._ways(connection, subject, found, now)
        message = answer_message(one, subject, found, ways, ground.catalogue)
        tell(connection, [message], now)
        reached = message.key in delivered(connection, [message.key])
        return "sent" if reached else "not_to_be_told", found.items

    def _ways(
        self, connection: Connection, subject: str, found: Matched, now: dt.datetime
    ) -> frozenset[ReminderChannel]:
        """The channels it may leave by: all if it rests on no profile, else those that may know as much."""
        wanted = channels_wanted(connection, [subject]).get(subject, frozenset())
        if not found.by_standing:
            return frozenset(channel for channel in ADDRESS_CHANNELS if channel in wanted)
        return frozenset(
            channel
            for channel in wanted
            if set(found.items)
            <= {
                one.item
                for one in self._entries(connection, subject, USE_OF[channel], now)
                if one.standing in OPEN
            }
        )

    def _entries(
        self, connection: Connection, subject: str, use: UseName, now: dt.datetime
    ) -> tuple[Entry, ...]:
        ground = self.ground()
        profile = ground.profiles.read_on(connection, subject)
        known = mask(profile, use, consents_of(connection, subject), ground.catalogue, now)
        judgement = ground.book.judge(known, now.astimezone(SHANGHAI).date())
        return stand(known, ground.catalogue, judgement, ground.calendar)
