"""One partition of the difference: told as its files say, or afresh where the records say more by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from catalog.catalogue import Catalogue
from features.retrieval import FeaturesMissing
from models.feedback.terms import default_terms
from models.feedback.wishes import NONE, Wishes, wishes_of
from models.homepage.arrangement import is_duty
from pipelines.difference.changes import Changes, changes, whole
from pipelines.difference.reassess import Reassessor
from pipelines.difference.worth_telling import entry_of, worth_telling
from pipelines.package_push.concerned import concerned
from pipelines.package_push.renewal import Renewal, Renewer, carry_out
from pipelines.score.standings_store import Standings
from records.bulk import rows_with_keys
from records.inbox import Message
from records.reminders import reminder_key, reminder_message
from records.runs import PartDone
from records.subjects import UnknownSubject
from records.subscriptions import followed_by
from records.tables import inbox
from records.telling import channels_wanted, tell, untell
from records.touched import touched_since
from records.wishes import said_by_many

AT_ONCE = 5_000
"""Subjects asked about in one statement."""
Ended = dict[tuple[str, str], set[str]]
"""By subject and why, the keys of messages that end."""


@dataclass(frozen=True, slots=True)
class Part:
    """One partition, read and not yet told."""

    found: Changes
    ended: Ended
    messages: tuple[Message, ...]
    """Of those whom the files still tell the truth of."""
    afresh: frozenset[str]
    """Those to be judged again: touched since, or with chosen channels or lead days."""

    firms: tuple[str, ...]
    """Enterprises whose policy package may have changed."""

    @property
    def changed(self) -> int:
        """How many subjects there is anything for."""
        return len({*self.found.subjects.to_list(), *(subject for subject, _ in self.ended), *self.afresh})


def read_part(
    connection: Connection,
    catalogue: Catalogue,
    to: Standings,
    since: Standings | None,
    partition: int,
    of: int,
) -> Part:
    """What there is to tell of a partition. StandingsError for files that cannot be used."""
    now, before = to.read(partition, of), None if since is None else since.read(partition, of)
    if before is None:
        found = whole(now, catalogue)
        ended = _no_longer(connection, now, catalogue)
    else:
        found = changes(before, now, catalogue)
        ended = _ended(found.untell)
    subjects = pl.concat([found.subjects, pl.Series("subject", [s for s, _ in ended], pl.String)]).unique()
    afresh = touched_since(connection, subjects, to.read_at())
    afresh |= _with_ways_of_their_own(connection, now["subject"].unique(), subjects)
    tell_ = found.tell.filter(~pl.col("subject").is_in(list(afresh)))
    said = said_by_many(connection, tell_["subject"].unique())
    wishes = {subject: wishes_of(each, default_terms()) for subject, each in said.items()}
    messages = tuple(_messages(tell_, wishes, catalogue, to.on))
    return Part(
        found=found,
        ended={key: keys for key, keys in ended.items() if key[0] not in afresh},
        messages=messages,
        afresh=afresh,
        firms=tuple(concerned(connection, before, now, catalogue)),
    )


def renewals(
    connection: Connection, part: Part, renewer: Renewer, at: dt.datetime, on: dt.date
) -> tuple[tuple[Renewal, ...], int]:
    """The packages of a partition's firms computed anew, nothing written yet; how many could not be."""
    found, failed = [], 0
    for firm in part.firms:
        try:
            found.append(renewer.prepare(connection, firm, at, on))
        except (UnknownSubject, FeaturesMissing):
            failed += 1
    return tuple(found), failed


def tell_part(
    connection: Connection,
    part: Part,
    again: Reassessor | None,
    packages: Iterable[Renewal],
    at: dt.datetime,
    on: dt.date,
) -> PartDone:
    """Tell a partition within a transaction of the caller's."""
    told = tell(connection, part.messages, at)
    new = told.new + told.again
    untold = 0
    for (subject, because), keys in sorted(part.ended.items()):
        untold += untell(connection, subject, keys, at, "done" if because == "done" else "untrue")
    left_aside = 0
    for subject in sorted(part.afresh):
        try:
            if again is None:
                raise UnknownSubject(subject)
            report = again.reassess(connection, subject, at, on)
        except (UnknownSubject, FeaturesMissing):
            left_aside += 1
            continue
        new += report.told.new + report.told.again
        untold += report.done + report.untrue
    new += sum(carry_out(connection, renewal, at) for renewal in packages)
    return PartDone(part.changed, new, untold, left_aside)


def _messages(
    rows: pl.DataFrame, wishes: Mapping[str, Wishes], catalogue: Catalogue, on: dt.date
) -> Iterable[Message]:
    for row in rows.iter_rows(named=True):
        entry, wish = entry_of(row), wishes.get(row["subject"], NONE)
        spared = wish.aside(entry.scope_item, entry.item, on) is not None
        if not spared or is_duty(entry, catalogue):
            yield reminder_message(row["subject"], entry, catalogue, on=on)


def _ended(untell_: pl.DataFrame) -> Ended:
    ended: Ended = {}
    for subject, scope_item, item, cycle, urgency, because in untell_.iter_rows():
        key = reminder_key(subject, scope_item, item, cycle, urgency)
        ended.setdefault((subject, because), set()).add(key)
    return ended


def _no_longer(connection: Connection, now: pl.DataFrame, catalogue: Catalogue) -> Ended:
    """What is open in inboxes and holds no longer: for where no earlier file tells what was told."""
    columns = select(inbox.c.subject, inbox.c.key).where(
        inbox.c.kind == "reminder", inbox.c.standing.is_not(None), inbox.c.closed_at.is_(None)
    )
    subjects = now.select("subject").unique()
    open_ = rows_with_keys(connection, inbox, subjects, columns)
    holds = worth_telling(now.join(open_.select("subject"), on="subject", how="semi"), catalogue)
    keys = {
        reminder_key(*row)
        for row in holds.select("subject", "scope_item", "item", "cycle", "urgency").iter_rows()
    }
    ended: Ended = {}
    for subject, key in open_.iter_rows():
        if key not in keys:
            ended.setdefault((subject, "untrue"), set()).add(key)
    return ended


def _with_ways_of_their_own(
    connection: Connection, everybody: pl.Series, changed: pl.Series
) -> frozenset[str]:
    """Who chose lead days; and of the changed, who is reached outside of the inbox, by masks of their own."""
    found: set[str] = set()
    for ids in everybody.to_frame().iter_slices(AT_ONCE):
        follows = followed_by(connection, set(ids["subject"].to_list()))
        found |= {
            subject for subject, each in follows.items() if any(one.lead_days for one in each.subscriptions)
        }
    for ids in changed.to_frame().iter_slices(AT_ONCE):
        wanted = channels_wanted(connection, ids["subject"].to_list())
        found |= {subject for subject, channels in wanted.items() if channels}
    return frozenset(found)
