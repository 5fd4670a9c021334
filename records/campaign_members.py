"""Who is in a campaign, in which arm and stage, and by which message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

import polars as pl
from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from records.bulk import read_rows
from records.tables import campaign_member as members
from records.tables import inbox, outbox, privacy_request, reminder_choice
from records.tables.vocabulary import CampaignArm


@dataclass(frozen=True, slots=True)
class Member:
    """One subject in one campaign; `key` is the message, None of who was held out or not to be told."""

    campaign: str
    subject: str
    arm: CampaignArm
    stage: int
    at: dt.datetime
    key: str | None = None


def members_among(connection: Connection, campaign: str, subjects: Collection[str]) -> frozenset[str]:
    """Those of the subjects that are in the campaign already."""
    mine = select(members.c.subject).where(members.c.campaign == campaign, members.c.subject.in_(subjects))
    return frozenset(connection.execute(mine).scalars())


def keep_members(connection: Connection, new: Iterable[Member]) -> None:
    """Add members; one who is in already stays as they are."""
    rows = [asdict(one) for one in new]
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        key = ["campaign", "subject"]
        connection.execute(dialect.insert(members).on_conflict_do_nothing(index_elements=key), rows)


def member_rows(connection: Connection, campaign: str) -> pl.DataFrame:
    """subject, arm, stage, at, key: every member."""
    m = members.c
    return read_rows(connection, select(m.subject, m.arm, m.stage, m.at, m.key).where(m.campaign == campaign))


def told_rows(connection: Connection, campaign: str) -> pl.DataFrame:
    """key, read_at: the messages of a campaign that reached their subjects."""
    pushed = select(outbox.c.inbox).where(outbox.c.inbox == inbox.c.id).exists()
    reached = or_(inbox.c.closed_because.is_(None), inbox.c.closed_because != "by_choice", pushed)
    mine = select(inbox.c.key, inbox.c.read_at).join(members, members.c.key == inbox.c.key)
    return read_rows(connection, mine.where(members.c.campaign == campaign, reached))


def unsubscribed_rows(connection: Connection, campaign: str, topic: str) -> pl.DataFrame:
    """subject, changed_at: members who want no reminders on the topic, or on anything, by some channel."""
    r = reminder_choice.c
    mine = select(r.subject, r.changed_at).join(members, members.c.subject == r.subject)
    said = (members.c.campaign == campaign, r.theme.in_((topic, "*")), r.wanted.is_(False))
    return read_rows(connection, mine.where(*said))


def complaint_rows(connection: Connection, campaign: str) -> pl.DataFrame:
    """subject, opened_at: complaints of members."""
    p = privacy_request.c
    mine = select(p.subject, p.opened_at).join(members, members.c.subject == p.subject)
    return read_rows(connection, mine.where(members.c.campaign == campaign, p.kind == "complaint"))
