"""One subject, now: judged afresh, told what is due that was not, and no longer told what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.freshness import default_shelf_life
from features.registry import StoreLocation, open_store
from features.retrieval import OnlineProfiles
from features.schema import MaskedProfile, UseName
from models.eligibility.rule_book import RuleBook
from models.feedback.wishes import set_aside
from models.homepage.arrangement import RECOMMENDED, is_duty
from models.recommendation import Entry, Standing
from models.standing.standing import settled
from models.standing.working_days import WorkingCalendar, published_calendar
from pipelines.difference.chosen_leads import with_leads
from pipelines.difference.seen import INBOX_USE, Seen, see
from pipelines.difference.standings_kept import KeptStandings
from pipelines.difference.worth_telling import is_due, is_gainable
from pipelines.package_push.renewal import Renewer
from privacy.mask import mask
from records.database import writing
from records.inbox import Message
from records.inbox import told as told_to
from records.profiles import ProfileReader
from records.reminders import USE_OF, reminder_key, reminder_message
from records.settings import Settings
from records.tables.vocabulary import ReminderChannel
from records.telling import Telling, channels_wanted, tell, untell

Had = Callable[[str], frozenset[tuple[str, str]] | None]
"""The pairs (scope item, item) a subject had a right to when the city was scored last; None: not known."""


@dataclass(frozen=True, slots=True)
class ReassessReport:
    """What one subject was told, and what was taken back."""

    subject: str
    told: Telling
    done: int
    """Messages closed because their matter is done."""
    untrue: int
    """Messages closed because they hold no longer."""
    package: bool = False
    """Whether it is a firm that was told of a change of its policy package."""

    @property
    def changed(self) -> bool:
        """Whether anything became of it."""
        return bool(any(self.told) or self.done or self.untrue or self.package)


@dataclass(frozen=True, slots=True)
class Reassessor:
    """What subjects are judged by, one at a time; for the live worker, and for whom a file is too old."""

    catalogue: Catalogue
    profiles: ProfileReader
    book: RuleBook
    calendar: WorkingCalendar
    had: Had = lambda subject: None
    kept: KeptStandings | None = None
    """Where subjects stood when they were judged last; without it everything of a subject is judged."""

    def reassess(
        self, on_record: Engine | Connection, subject: str, at: dt.datetime, on: dt.date
    ) -> ReassessReport:
        """Judge a subject on a day, tell what became due, take back what is due no longer, all at an instant.

        A firm's policy package is computed anew too.
        Given a connection it is part of the caller's transaction, else one of its own. Done again it changes
        nothing. Raises UnknownSubject.
        """
        if isinstance(on_record, Engine):
            with writing(on_record) as connection:
                return self._reassess(connection, subject, at, on)
        return self._reassess(on_record, subject, at, on)

    @property
    def renewer(self) -> Renewer:
        """What the packages of firms are computed anew by."""
        return Renewer(self.catalogue, self.profiles, self.book, self.calendar)

    def entries(self, seen: Seen, use: UseName, at: dt.datetime, on: dt.date) -> tuple[Entry, ...]:
        """All that holds or was begun as far as a use may know; what is to be spared is marked."""
        known = mask(seen.profile, use, seen.consents, self.catalogue, at)
        found = self._found(known, on, at)
        shown = [entry for entry in found if entry.standing in RECOMMENDED]
        others = [entry for entry in found if entry.standing not in RECOMMENDED]
        marked = set_aside(shown, seen.wishes, lambda e: is_duty(e, self.catalogue), on)
        return (*marked, *others)

    def _found(self, known: MaskedProfile, on: dt.date, at: dt.datetime) -> tuple[Entry, ...]:
        if self.kept is not None:
            return self.kept.standings(known, on, at)
        return settled(known, self.catalogue, self.book.judge(known, on), self.calendar)

    def keys(self, seen: Seen, use: UseName, at: dt.datetime, on: dt.date) -> frozenset[str]:
        """The keys of all that is worth telling by what a use may know."""
        entries = self.entries(seen, use, at, on)
        worth = [e for e in entries if is_due(e, self.catalogue) or is_gainable(e, self.catalogue)]
        plain = {_key(seen.profile.subject, entry) for entry in worth}
        leads = with_leads(entries, seen.followed, self.catalogue, on)
        return frozenset(plain | {_key(seen.profile.subject, entry, lead) for entry, lead in leads})

    def _reassess(self, connection: Connection, subject: str, at: dt.datetime, on: dt.date) -> ReassessReport:
        seen = see(self.profiles, connection, subject)
        entries = self.entries(seen, INBOX_USE, at, on)
        open_ = [
            one.message
            for one in told_to(connection, subject)
            if one.message.kind == "reminder" and one.message.standing is not None
        ]
        messages = self._messages(seen, entries, {message.key for message in open_}, on)
        current = {message.key for message in messages}
        gone = [message for message in open_ if message.key not in current]
        done = {message.key for message in gone if _is_done(message, entries)}
        fit = self._with_channels(connection, seen, messages, at, on)
        return ReassessReport(
            subject,
            tell(connection, fit, at),
            untell(connection, subject, done, at, "done"),
            untell(connection, subject, {message.key for message in gone} - done, at),
            seen.profile.kind is SubjectKind.ENTERPRISE and self.renewer.renew(connection, subject, at, on),
        )

    def _messages(
        self, seen: Seen, entries: tuple[Entry, ...], open_: set[str], on: dt.date
    ) -> list[Message]:
        subject, catalogue = seen.profile.subject, self.catalogue
        told = [reminder_message(subject, e, catalogue, on=on) for e in entries if is_due(e, catalogue)]
        gainable = [entry for entry in entries if is_gainable(entry, catalogue)]
        still = [entry for entry in gainable if _key(subject, entry) in open_]
        told += [reminder_message(subject, entry, catalogue, on=on) for entry in still]
        # The city's file is looked into only where there is something to look for.
        had = self.had(subject) if len(still) < len(gainable) else None
        for entry in gainable:
            if had is not None and entry not in still and (entry.scope_item, entry.item) not in had:
                told.append(reminder_message(subject, entry, catalogue, on=on))
        leads = with_leads(entries, seen.followed, catalogue, on)
        return told + [reminder_message(subject, e, catalogue, on=on, lead=lead) for e, lead in leads]

    def _with_channels(
        self, connection: Connection, seen: Seen, messages: Iterable[Message], at: dt.datetime, on: dt.date
    ) -> list[Message]:
        return self.by_channels(seen, messages, channels_wanted(connection, [seen.profile.subject]), at, on)

    def by_channels(
        self,
        seen: Seen,
        messages: Iterable[Message],
        wanted: dict[str, frozenset[ReminderChannel]],
        at: dt.datetime,
        on: dt.date,
    ) -> list[Message]:
        """The messages with the channels each may leave by: those whose own mask yields it again."""
        channels = wanted.get(seen.profile.subject, frozenset())
        follows = {channel: self.keys(seen, USE_OF[channel], at, on) for channel in sorted(channels)}
        return [
            replace(message, channels=frozenset(c for c, keys in follows.items() if message.key in keys))
            for message in messages
        ]


def reassessor(
    settings: Settings, catalogue: Catalogue, engine: Engine, at: Callable[[], dt.datetime], had: Had
) -> Reassessor:
    """The reassessor of a run, reading the online store that serving reads."""
    location = StoreLocation(
        registry=settings.registry_path,
        offline=settings.offline_path,
        online=settings.online_path,
        online_store=settings.online_store,
        redis_url=settings.redis_url,
    )
    online = OnlineProfiles(open_store(location), catalogue, default_shelf_life(), at)
    return Reassessor(
        catalogue, ProfileReader(engine, online), RuleBook(catalogue), published_calendar(), had
    )


def _key(subject: str, entry: Entry, lead: int | None = None) -> str:
    return reminder_key(subject, entry.scope_item, entry.item, entry.cycle, entry.urgency, lead)


def _is_done(message: Message, entries: Iterable[Entry]) -> bool:
    turn = (message.scope_item, message.item, message.cycle)
    return any((e.scope_item, e.item, e.cycle) == turn and e.standing is Standing.DONE for e in entries)
