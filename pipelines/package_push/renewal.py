"""One enterprise's package, computed anew and set beside what the firm was told of last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from features.schema import UseName
from models.eligibility.rule_book import RuleBook, SubjectJudgement
from models.homepage.package import package_for
from models.policy_package.candidate import Key
from models.policy_package.change import (
    Held,
    LossReason,
    PackageChange,
    Snapshot,
    change_between,
    snapshot_of,
)
from models.policy_package.package import PolicyPackage
from models.recommendation import Entry, Standing, Verdict
from models.standing.standing import in_force, settled
from models.standing.working_days import WorkingCalendar
from pipelines.difference.seen import INBOX_USE, Seen, see
from pipelines.package_push.digest import digest_key, digest_message
from privacy.mask import mask
from records.inbox import Message
from records.inbox import told as told_to
from records.package_changes import keep_change, keep_package, package_told
from records.profiles import ProfileReader
from records.reminders import USE_OF
from records.tables.vocabulary import ReminderChannel
from records.telling import channels_wanted, tell, untell

TAKEN_UP = (Standing.DONE, Standing.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A package as it is now, and what is to be told of it; nothing is written yet."""

    enterprise: str
    before: Snapshot | None
    now: Snapshot
    change: PackageChange | None
    message: Message | None

    @property
    def is_first(self) -> bool:
        """Whether nothing was told of before: what there is, is then no news."""
        return self.before is None


@dataclass(frozen=True, slots=True)
class Renewer:
    """What packages are computed by, as far as reminders may know of the firms."""

    catalogue: Catalogue
    profiles: ProfileReader
    book: RuleBook
    calendar: WorkingCalendar

    def prepare(self, connection: Connection, enterprise: str, at: dt.datetime, on: dt.date) -> Renewal:
        """Compute the package of a day and what changed in it. Raises UnknownSubject.

        It is weighed by the rules alone: what is told unasked rests on nothing learned of the firm.
        """
        seen = see(self.profiles, connection, enterprise)
        package, entries, judgement = self._package(seen, INBOX_USE, at, on)
        now, before = snapshot_of(package), package_told(connection, enterprise)
        change = None
        if before is not None:
            change = change_between(
                before, now, _Reasons(self.catalogue, package, _by_key(entries), judgement).of
            )
        message = None
        if change is not None:
            wanted = channels_wanted(connection, [enterprise]).get(enterprise, frozenset())
            channels = self._channels(seen, now, wanted, at, on)
            message = replace(digest_message(enterprise, change, self.catalogue), channels=channels)
        return Renewal(enterprise, before, now, change, message)

    def renew(self, connection: Connection, enterprise: str, at: dt.datetime, on: dt.date) -> bool:
        """Compute the package anew and tell the firm what changed, in the caller's transaction; if it did."""
        return carry_out(connection, self.prepare(connection, enterprise, at, on), at)

    def _package(
        self, seen: Seen, use: UseName, at: dt.datetime, on: dt.date
    ) -> tuple[PolicyPackage, tuple[Entry, ...], SubjectJudgement]:
        known = mask(seen.profile, use, seen.consents, self.catalogue, at)
        judgement = self.book.judge(known, on)
        entries = settled(known, self.catalogue, judgement, self.calendar)
        package = package_for(
            known, self.catalogue, judgement, self.calendar, entries=entries, eligible_only=True
        )
        return package, entries, judgement

    def _channels(
        self,
        seen: Seen,
        now: Snapshot,
        wanted: Collection[ReminderChannel],
        at: dt.datetime,
        on: dt.date,
    ) -> frozenset[ReminderChannel]:
        """The channels whose own mask yields the very same package."""
        return frozenset(
            channel
            for channel in wanted
            if snapshot_of(self._package(seen, USE_OF[channel], at, on)[0]) == now
        )


def carry_out(connection: Connection, renewal: Renewal, at: dt.datetime) -> bool:
    """Keep the package, and its change, and tell the firm of it, in the caller's transaction.

    False where nothing is told: it is the first, nothing changed, or somebody else renewed it in between.
    """
    enterprise, change, message = renewal.enterprise, renewal.change, renewal.message
    if package_told(connection, enterprise) != renewal.before:
        return False
    if renewal.before is None or not _same(renewal.before, renewal.now):
        keep_package(connection, enterprise, renewal.now, at)
    if change is None or message is None or renewal.before is None:
        return False
    if not keep_change(connection, enterprise, digest_key(enterprise, change), change, at):
        return False
    _withdraw_untrue(connection, enterprise, change, at)
    told = tell(connection, [message], at)
    return bool(told.new or told.again)


def _withdraw_untrue(connection: Connection, enterprise: str, change: PackageChange, at: dt.datetime) -> None:
    """Close earlier digests that speak of something as added which is in the package no longer."""
    lost = {lost.was.key for lost in change.lost}
    untrue = {
        one.message.key
        for one in told_to(connection, enterprise)
        if one.message.kind == "policy_package"
        and lost & {(each["item"], each["scope_item"]) for each in one.message.detail.get("added", ())}
    }
    untell(connection, enterprise, untrue, at)


def _same(before: Snapshot, now: Snapshot) -> bool:
    return before == replace(now, on=before.on)


def _by_key(entries: Collection[Entry]) -> Mapping[Key, frozenset[Standing]]:
    found: dict[Key, set[Standing]] = {}
    for entry in entries:
        found.setdefault((entry.item, entry.scope_item), set()).add(entry.standing)
    return {key: frozenset(standings) for key, standings in found.items()}


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why something is in a package no longer."""

    catalogue: Catalogue
    package: PolicyPackage
    standings: Mapping[Key, frozenset[Standing]]
    judgement: SubjectJudgement

    def of(self, held: Held) -> LossReason:
        """The first reason that holds."""
        item = self.catalogue.items.get(held.item)
        standings = self.standings.get(held.key, frozenset())
        if item is None or not in_force(item, self.judgement.on):
            return "ended"
        if standings.intersection(TAKEN_UP):
            return "taken_up"
        if held.key in {(left.item, left.scope_item) for left in self.package.given_up}:
            return "replaced"
        if self._verdict(held) is Verdict.UNKNOWN:
            return "undetermined"
        closed = held.due_on is not None and held.due_on < self.judgement.on
        return "closed" if closed else "not_eligible"

    def _verdict(self, held: Held) -> Verdict:
        """Refused where the scope item itself is gone."""
        if held.scope_item not in self.judgement.judged:
            return Verdict.FALSE
        return self.judgement.verdicts(held.scope_item).get(held.item, Verdict.FALSE)
