"""Sending a stage: whoever is in the audience and whose lot it is is told once, or noted as held out.

Page by page, each in a transaction of its own that looks first whether the campaign was stopped. A stage that
breaks off is taken up again: whoever is in the campaign already is passed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
from sqlalchemy import Connection, Engine

from catalog.catalogue import Catalogue
from features.statements import AttributeHistory
from models.homepage import theme_of_item
from models.recommendation import Reason
from pipelines.campaign.assignment import Assignment
from pipelines.campaign.audience import Audiences, People
from pipelines.campaign.population import people
from pipelines.campaign.previewing import REMIND
from privacy.mask import mask_records
from records.campaign_checks import tells_something_delicate
from records.campaign_members import Member, keep_members, members_among
from records.campaigns import Campaign, campaign_with_id, finish_stage
from records.database import reading, writing
from records.inbox import Message
from records.keys import VersionedKey
from records.populations import record_tables
from records.reminders import USE_OF
from records.subjects import iter_subjects
from records.tables.vocabulary import ReminderChannel
from records.telling import channels_wanted, message_key, tell

PAGE: Final = 2_000
GOOD_FOR: Final = dt.timedelta(days=30)
CODE: Final = "campaign"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a stage did: subjects told and held out."""

    told: int = 0
    held_out: int = 0


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the stages of campaigns as of a day, told at an instant."""

    engine: Engine
    catalogue: Catalogue
    history: AttributeHistory
    secret: VersionedKey
    on: dt.date
    at: dt.datetime

    def send(self, campaign: Campaign) -> Sent:
        """Send the stages that are released and not sent; nothing of a campaign that is not approved."""
        sent = Sent()
        if campaign.state != "sending" or campaign.sent == campaign.released:
            return sent
        draft = campaign.draft
        audiences = Audiences(
            self.catalogue, self.history, draft.kind, (draft.audience,), self.on, draft.item
        )
        lots = Assignment(self.secret, campaign.id, draft)
        with reading(self.engine) as connection:
            bounds = [(ids[0], ids[-1]) for ids in iter_subjects(connection, draft.kind, PAGE)]
        for first, last in bounds:
            with writing(self.engine) as connection:
                now = campaign_with_id(connection, campaign.id, lock=True)
                if now.state != "sending":
                    return sent
                page = people(connection, draft.kind, first, last)
                some = self._page(connection, now, audiences, lots, page)
                sent = replace(sent, told=sent.told + some.told, held_out=sent.held_out + some.held_out)
        with writing(self.engine) as connection:
            finish_stage(connection, campaign.id, campaign.released)
        return sent

    def _page(
        self,
        connection: Connection,
        campaign: Campaign,
        audiences: Audiences,
        lots: Assignment,
        page: People,
    ) -> Sent:
        inside = audiences.members(page, REMIND).filter(pl.col("0"))["subject"].to_list()
        chosen = [one for one in inside if lots.stage(one) <= campaign.released]
        known = members_among(connection, campaign.id, chosen)
        done = self._done(connection, campaign, page) if chosen else frozenset()
        new = [
            Member(campaign.id, one, lots.arm(one), lots.stage(one), self.at)
            for one in chosen
            if one not in known and one not in done
        ]
        told = [one.subject for one in new if one.arm == "told"]
        messages = list(self._messages(connection, campaign, audiences, page, told))
        tell(connection, messages, self.at)
        keys = {message.subject: message.key for message in messages}
        keep_members(connection, [replace(one, key=keys.get(one.subject)) for one in new])
        return Sent(len(told), len(new) - len(told))

    def _done(self, connection: Connection, campaign: Campaign, page: People) -> frozenset[str]:
        """Who is known, as far as reminders may know, to have done it already."""
        owners = page.scope_items["owner"]
        kind = campaign.draft.kind
        raw = record_tables(connection, kind, owners.min(), owners.max(), since=self.at)  # type: ignore[arg-type]
        masked = mask_records(raw, REMIND, page.consents, self.catalogue, self.at)
        done = masked.cases.filter(
            (pl.col("item") == campaign.draft.item) & pl.col("status").is_in(["succeeded", "self_declared"])
        )
        whose = masked.scope_items.select(pl.col("id").alias("scope_item"), "owner")
        return frozenset(done.join(whose, on="scope_item")["owner"])

    def _messages(
        self,
        connection: Connection,
        campaign: Campaign,
        audiences: Audiences,
        page: People,
        told: Sequence[str],
    ) -> Iterator[Message]:
        delicate = tells_something_delicate(campaign.draft, self.catalogue)
        ways = self._ways(channels_wanted(connection, told), audiences, page) if told else {}
        for subject in told:
            yield self._message(campaign, subject, ways.get(subject, frozenset()), delicate)

    def _ways(
        self, wanted: Mapping[str, frozenset[ReminderChannel]], audiences: Audiences, page: People
    ) -> dict[str, frozenset[ReminderChannel]]:
        """By subject, the channels that may know as much as that they are in the audience."""
        found: dict[str, set[ReminderChannel]] = {}
        for channel in sorted({each for channels in wanted.values() for each in channels}):
            known = audiences.members(page, USE_OF[channel]).filter(pl.col("0"))["subject"]
            for subject in set(known) & {one for one, channels in wanted.items() if channel in channels}:
                found.setdefault(subject, set()).add(channel)
        return {subject: frozenset(channels) for subject, channels in found.items()}

    def _message(
        self, campaign: Campaign, subject: str, channels: frozenset[ReminderChannel], delicate: bool
    ) -> Message:
        draft = campaign.draft
        return Message(
            key=message_key("campaign", campaign.id, subject),
            subject=subject,
            kind="notice",
            template="campaign",
            names=draft.names,
            reason=Reason(CODE, draft.reason),
            topic=theme_of_item(draft.item, self.catalogue),
            item=draft.item,
            catalogue_version=self.catalogue.version,
            delicate=delicate,
            detail={"campaign": campaign.id},
            expires_at=self.at + GOOD_FOR,
            channels=channels,
        )
