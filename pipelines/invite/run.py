"""The daily round of invitations: old ones run out, new ones are proposed, and each is told once.

A round that breaks off is begun again: what it proposed and told stays, and nothing is done twice.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.freshness import default_shelf_life
from features.registry import open_store
from features.retrieval import OnlineProfiles
from features.statements import AttributeHistory
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals
from models.invitation.planning import default_planning
from models.invitation.propose import room_left
from models.recommendation import Entry, Standing
from models.standing.working_days import published_calendar
from pipelines.features.materialise import store_location
from pipelines.invite.ground import REMIND, Ground, entries_for, see
from pipelines.invite.let import Skip, changed_since
from pipelines.invite.messages import invitation_message, near_message
from pipelines.invite.office_weeks import latest_plan, weekly_load
from pipelines.invite.proposing import Before, proposals
from pipelines.invite.standings import Stood, stood
from pipelines.score.ground import Rules
from records.database import open_records, reading, writing
from records.departures import departed_among
from records.inbox import Message
from records.invitation_answers import (
    Invitation,
    age_invitations,
    agreed_between,
    delivered,
    end_invitation,
    note_delivered,
    open_invitations,
    undelivered,
)
from records.invitations import keep_proposals, proposed_before
from records.profiles import ProfileReader
from records.reminders import USE_OF
from records.settings import Settings
from records.subjects import iter_subjects
from records.tables import consent
from records.tables.vocabulary import ReminderChannel
from records.telling import channels_wanted, tell

AT_ONCE: Final = 2_000
"""Subjects judged at once."""
PAGE: Final = 200
"""Subjects whose invitations are kept in one transaction."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class InviteReport:
    """What one round did."""

    on: dt.date
    looked_at: int = 0
    proposed: int = 0
    told: int = 0
    near: int = 0
    """Reminders of days agreed on."""
    expired: int = 0
    again: int = 0
    """Put off until today, and proposed once more."""
    untrue: int = 0
    """Ended because the matter is done, or is the subject's no longer."""
    skipped: Mapping[Skip, int] = field(default_factory=dict)
    """How many subjects were left out, by the reason; those who gave reminders nothing were not looked at."""
    plan: Path | None = None
    """The forecast of the offices' weeks the days were chosen by; None where there is none."""

    def without(self, skipped: Iterable[Skip]) -> InviteReport:
        """The same, with some more subjects left out."""
        return replace(self, skipped=Counter(self.skipped) + Counter(skipped))


def invite(
    settings: Settings,
    catalogue: Catalogue,
    on: dt.date,
    at: dt.datetime,
    learned: LearnedSignals | None = None,
    progress: Progress = lambda what, share: None,
) -> InviteReport:
    """One round as of a day, told at an instant; only of subjects who let reminders know something."""
    engine = open_records(settings)
    try:
        plan = latest_plan(settings, on)
        ground = _ground(settings, catalogue, engine, on, at, learned, plan)
        return _round(ground, engine, InviteReport(on, plan=plan), progress)
    finally:
        engine.dispose()


def _ground(
    settings: Settings, catalogue: Catalogue, engine: Engine, on: dt.date, at: dt.datetime,
    learned: LearnedSignals | None, plan: Path | None,
) -> Ground:  # fmt: skip
    history = AttributeHistory(settings.attributes_path, catalogue)
    store = open_store(store_location(settings))
    online = OnlineProfiles(store, catalogue, default_shelf_life(), lambda: at)
    return Ground(
        rules=Rules(catalogue, history, RuleBook(catalogue), published_calendar(), on),
        profiles=ProfileReader(engine, online),
        at=at,
        learned=learned,
        load=None if plan is None else weekly_load(plan),
    )


def _round(ground: Ground, engine: Engine, report: InviteReport, progress: Progress) -> InviteReport:
    report = _age(ground, engine, report)
    for kind, place in zip(SubjectKind, (0.0, 0.5), strict=True):
        with reading(engine) as connection:
            parts = list(iter_subjects(connection, kind, AT_ONCE))
        for number, part in enumerate(parts):
            progress(f"proposing to {kind}s", place + 0.5 * number / len(parts))
            report = _part(ground, engine, kind, part, report)
    return _remind(ground, engine, report)


def _age(ground: Ground, engine: Engine, report: InviteReport) -> InviteReport:
    while True:
        with writing(engine) as connection:
            expired, again = age_invitations(connection, ground.on, ground.at)
        if not expired and not again:
            return report
        report = replace(report, expired=report.expired + expired, again=report.again + len(again))


def _part(
    ground: Ground, engine: Engine, kind: SubjectKind, subjects: Sequence[str], report: InviteReport
) -> InviteReport:
    """Judge many on columns, then propose to them page by page."""
    with reading(engine) as connection:
        left_out = _not_open(connection, subjects)
        open_ = sorted(set(subjects) - left_out.keys())
        before = proposed_before(connection, open_)
        made = open_invitations(connection, open_)
        waiting = {one.subject for one in made}
        asked = [one for one in open_ if one in waiting or room_left(before.get(one, ()), ground.on) > 0]
        found = stood(ground, connection, kind, asked, made)
    report = replace(report, looked_at=report.looked_at + len(open_)).without(left_out.values())
    report = report.without(["no_room"] * (len(open_) - len(asked)))
    for start in range(0, len(asked), PAGE):
        page = [(subject, found[subject]) for subject in asked[start : start + PAGE]]
        report = _page(ground, engine, page, before, waiting, report)
    return report


def _page(
    ground: Ground,
    engine: Engine,
    page: Sequence[tuple[str, Stood]],
    before: Before,
    waiting: Set[str],
    report: InviteReport,
) -> InviteReport:
    """Propose to the subjects of a page, and tell what was proposed, all in one transaction.

    Whoever changed what reminders or ranking may know since they were judged waits for the next round.
    """
    with reading(engine) as connection:
        made = list(proposals(ground, connection, before, page))
    concerned = waiting | {one.subject for one in made}
    seen = {subject: each for subject, each in page if subject in concerned}
    told = untrue = 0
    skipped: Mapping[str, Skip] = {}
    if seen:
        with writing(engine) as connection:
            skipped = changed_since(connection, {subject: each.let for subject, each in seen.items()})
            seen = {subject: each for subject, each in seen.items() if subject not in skipped}
            made = [one for one in made if one.subject in seen]
            keep_proposals(connection, made, ground.at)
            untrue = _end_untrue(ground, connection, seen)
            told = _tell(ground, connection, seen)
    return replace(
        report,
        proposed=report.proposed + len(made),
        told=report.told + told,
        untrue=report.untrue + untrue,
    ).without(skipped.values())


def _not_open(connection: Connection, subjects: Sequence[str]) -> dict[str, Skip]:
    """Those who let reminders know nothing or have departed, and which of it."""
    c = consent.c
    gave = select(c.subject).where(c.subject.in_(subjects), c.purpose == REMIND, c.withdrawn_at.is_(None))
    open_ = set(connection.execute(gave.distinct()).scalars())
    found: dict[str, Skip] = dict.fromkeys(set(subjects) - open_, "told_nothing")
    return found | dict.fromkeys(departed_among(connection, subjects), "departed")


def _end_untrue(ground: Ground, connection: Connection, seen: Mapping[str, Stood]) -> int:
    """End invitations to what is done, or is the subject's no longer; how many."""
    ended = 0
    for one in open_invitations(connection, list(seen)):
        entry = seen[one.subject].entry(one)
        if entry is None or entry.standing is Standing.DONE:
            ended += end_invitation(connection, one, ground.at, done=entry is not None)
    return ended


def _tell(ground: Ground, connection: Connection, seen: Mapping[str, Stood]) -> int:
    """Tell what was proposed and not told; how many reached somebody."""
    wanted = channels_wanted(connection, list(seen))
    messages: dict[int, Message] = {}
    for one in undelivered(connection, list(seen)):
        entry = seen[one.subject].entry(one)
        if entry is not None:
            ways = tuple(_ways(ground, connection, one, wanted.get(one.subject, frozenset())))
            messages[one.id] = invitation_message(one, entry, ways, ground.catalogue)
    tell(connection, list(messages.values()), ground.at)
    reached = delivered(connection, [message.key for message in messages.values()])
    keys = {id_: message.key for id_, message in messages.items() if message.key in reached}
    note_delivered(connection, keys, ground.at)
    return len(keys)


def _ways(
    ground: Ground, connection: Connection, one: Invitation, wanted: frozenset[ReminderChannel]
) -> Iterator[ReminderChannel]:
    """The channels by which it may leave: those whose own mask lets the same standing be seen."""
    if not wanted:
        return
    who = see(ground, connection, one.subject)
    base = _entry(one, entries_for(ground, who))
    for channel in sorted(wanted):
        entry = _entry(one, entries_for(ground, who, USE_OF[channel]))
        if entry is not None and base is not None and entry.standing is base.standing:
            yield channel


def _entry(one: Invitation, entries: Iterable[Entry]) -> Entry | None:
    """Where the subject stands with the matter of an invitation; None where it is no longer so."""
    matter = (one.scope_item, one.item, one.cycle)
    return next((each for each in entries if (each.scope_item, each.item, each.cycle) == matter), None)


def _remind(ground: Ground, engine: Engine, report: InviteReport) -> InviteReport:
    """Remind of the days agreed on that are near."""
    last = ground.calendar.shift(ground.on, default_planning().near_working_days)
    with writing(engine) as connection:
        near = agreed_between(connection, ground.on, last)
        messages = []
        wanted = channels_wanted(connection, {one.subject for one in near})
        for one in near:
            day = one.state.agreed_on
            if day is not None and one.item in ground.catalogue.items:
                ways = frozenset(_ways(ground, connection, one, wanted.get(one.subject, frozenset())))
                messages.append(near_message(one, day, ways, ground.catalogue))
        done = tell(connection, messages, ground.at)
    return replace(report, near=done.new)
