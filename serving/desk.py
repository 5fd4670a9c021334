"""The path of a page: read afresh what is held and consented, mask it for a purpose, judge, compose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Engine

from catalog.catalogue import Catalogue, Item
from catalog.event import LifeEvent
from catalog.vocabulary import Status, SubjectKind
from features.schema import MaskedProfile, Profile, PurposeName, UseName
from models.eligibility.assessment import assess
from models.eligibility.rule_book import RuleBook, SubjectJudgement
from models.feedback.terms import default_terms
from models.feedback.wishes import NONE, Wishes, wishes_of
from models.homepage import GeneralPage, LearnedSignals, compose, general_page, package_for
from models.homepage.general import Channel
from models.homepage.heard import Heard
from models.policy_package.package import PolicyPackage
from models.recommendation import Assessment, Entry, Homepage
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar
from privacy.consent import Consent, granted_targets
from privacy.mask import mask
from privacy.purposes import INTERACTIONS
from privacy.tags import without_tags
from records.choices import Choices, choices_of
from records.consents import consents_of
from records.database import reading
from records.profiles import ProfileReader
from records.subjects import UnknownSubject, kind_of
from records.wishes import said_by
from serving.opinions import Opinions

RANK: Final[PurposeName] = "rank"
ASSESS: Final[PurposeName] = "assess"
REMIND: Final[PurposeName] = "remind"
TRAIN: Final[PurposeName] = "train"


@dataclass(frozen=True, slots=True)
class Clock:
    """The business date and the instant of a request."""

    on: Callable[[], dt.date]
    at: Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Known:
    """What one request may know of one subject, for each purpose it serves."""

    assess: MaskedProfile
    rank: MaskedProfile | None
    """None where the subject opened nothing to ranking, or switched recommendation off."""
    choices: Choices
    judgement: SubjectJudgement
    entries: tuple[Entry, ...]
    """The standings that follow, refusals left out."""
    wishes: Wishes = NONE
    """What the subject asked to be spared."""
    watched: bool = False
    """Whether the subject lets what is shown to them be kept, to rank or to train by."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers what is asked about one subject at a time; keeps nothing of it between requests."""

    catalogue: Catalogue
    engine: Engine
    profiles: ProfileReader
    judge: RuleBook
    calendar: WorkingCalendar
    clock: Clock
    learned: LearnedSignals | None = None
    """None where no model was found: pages are in rule order then."""
    used: Callable[[], Mapping[str, int] | None] = lambda: None
    """How often each item was begun of late, by many; None where nothing was counted."""
    opinions: Callable[[], Opinions] = Opinions
    """What all subjects made of the items."""
    amiss: Callable[[], tuple[str, ...]] = tuple
    """What is amiss with the server right now, as far as a page tells its reader."""

    def choices(self, kind: SubjectKind, subject: str) -> Choices:
        """What the subject has decided of their page, read afresh. Raises UnknownSubject."""
        with reading(self.engine) as connection:
            if kind_of(connection, subject) is not kind:
                raise UnknownSubject(subject)
            return choices_of(connection, subject)

    def general(self, kind: SubjectKind, channel: Channel | None = None) -> GeneralPage:
        """The page of today that is the same for all; nobody's data are read for it."""
        return general_page(self.catalogue, kind, self.clock.on(), self.calendar, self.used(), channel)

    def homepage(self, kind: SubjectKind, subject: str) -> Homepage:
        """The subject's homepage of today. Raises UnknownSubject."""
        return self.homepage_of(self.known(kind, subject))

    def homepage_of(self, known: Known) -> Homepage:
        """The homepage that follows from what is known."""
        judgement, entries = known.judgement, known.entries
        heard = Heard(known.wishes, self.opinions().against)
        page = compose(
            known.assess, known.rank, self.catalogue, judgement, self.calendar, self.learned, entries, heard
        )
        return replace(page, degraded=(*page.degraded, *self.amiss()))

    def package(self, subject: str) -> PolicyPackage:
        """An enterprise's policy package of today. Raises UnknownSubject."""
        return self.package_of(self.known(SubjectKind.ENTERPRISE, subject))

    def package_of(self, known: Known) -> PolicyPackage:
        """The policy package that follows from what is known."""
        judgement, uptake = known.judgement, None
        if self.learned is not None and known.rank is not None:
            uptake = self.learned.uptake(known.rank, judgement.on)
        by = "rules" if self.learned is None or uptake is None else self.learned.champions.names["uptake"]
        return package_for(known.assess, self.catalogue, judgement, self.calendar, uptake, by, known.entries)

    def assessments_of(self, known: Known, item: Item) -> tuple[Assessment, ...]:
        """Why and why not: the item judged for each scope item of the subject that it ranges over."""
        mine = [s.id for s in known.assess.scope_items if s.scope is item.scope]
        applies = item.subject is known.assess.kind and item.status is Status.CONFIRMED
        return tuple(assess(known.judgement, scope_item, item.id) for scope_item in mine) if applies else ()

    def standings_of(self, known: Known, item: Item) -> tuple[Entry, ...]:
        """Where the subject stands with one item, refusals too."""
        every = stand(known.assess, self.catalogue, known.judgement, self.calendar, with_refused=True)
        return tuple(entry for entry in every if entry.item == item.id)

    def known(self, kind: SubjectKind, subject: str) -> Known:
        """What today's answers may rest on. Raises UnknownSubject, also for a subject of the other kind."""
        profile, consents, choices, wishes = self.read(kind, subject)
        at = self.clock.at()
        assess = mask(profile, ASSESS, consents, self.catalogue, at)
        judgement = self.judge.judge(assess, self.clock.on())
        return Known(
            assess=assess,
            rank=self._to_rank(profile, consents, choices, at),
            choices=choices,
            judgement=judgement,
            entries=stand(assess, self.catalogue, judgement, self.calendar),
            wishes=wishes,
            watched=any(INTERACTIONS in granted_targets(consents, p, at) for p in (RANK, TRAIN)),
        )

    def reminder_page(self, kind: SubjectKind, subject: str, use: UseName = REMIND) -> Homepage:
        """The homepage as far as reminders may know of the subject, in rule order. Raises UnknownSubject.

        What leaves the inbox by a channel may know less: `use` is then that channel's (`remind_sms` ...).
        """
        profile, consents, _, wishes = self.read(kind, subject)
        known = mask(profile, use, consents, self.catalogue, self.clock.at())
        judgement = self.judge.judge(known, self.clock.on())
        return compose(
            known,
            None,
            self.catalogue,
            judgement,
            self.calendar,
            heard=Heard(wishes, self.opinions().against),
        )

    def check_shown(self, thing: Item | LifeEvent) -> None:
        """Raise KeptBack for what this desk keeps back; this one keeps nothing back."""

    def check_whole(self) -> None:
        """Raise KeptBack where not everything is shown; here it is."""

    def shows_scope_item(self, thing: Item | LifeEvent, scope_item: str) -> bool:
        """Whether a thing is shown for a scope item of the subject."""
        return True

    def _to_rank(
        self, profile: Profile, consents: tuple[Consent, ...], choices: Choices, at: dt.datetime
    ) -> MaskedProfile | None:
        if not choices.personalised or not granted_targets(consents, RANK, at):
            return None
        masked = mask(profile, RANK, consents, self.catalogue, at)
        return without_tags(masked, choices.deleted_tags, self.catalogue)

    def read(self, kind: SubjectKind, subject: str) -> tuple[Profile, tuple[Consent, ...], Choices, Wishes]:
        """All that is held and was said, unmasked, of one instant. Raises UnknownSubject."""
        with reading(self.engine) as connection:
            profile = self.profiles.read_on(connection, subject)
            if profile.kind is not kind:
                raise UnknownSubject(subject)
            wishes = wishes_of(said_by(connection, subject), default_terms())
            return profile, consents_of(connection, subject), choices_of(connection, subject), wishes
