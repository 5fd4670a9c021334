"""Campaigns that a catalogue allows, and who was told by them or held out."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Connection, insert

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.vocabulary import Names, Scope, SubjectKind, ValueType
from features.registers import stored_attributes
from models.recommendation import Reason
from records.campaign_checks import check_draft, is_duty
from records.campaign_members import Member, keep_members
from records.campaigns import CampaignRefused, Draft
from records.inbox import Message, row_of
from records.tables import campaign, contact, inbox, reminder_choice
from records.tables.vocabulary import AddressChannel
from records.telling import message_key

OFFERS: Final = 6
"""Campaigns for either kind of subject."""
TOGETHER: Final = 8
"""Conditions of one audience."""
WORDS: Final = Names(zh="活动", en="Campaign")
WAYS: Final[tuple[AddressChannel, ...]] = ("email", "sms")


@dataclass(frozen=True)
class Enrolled:
    """One subject in a campaign that was sent some time ago."""

    campaign: str
    subject: str
    item: str
    held_out: bool
    at: dt.datetime
    read_at: dt.datetime | None


def conditions(catalogue: Catalogue, kind: SubjectKind) -> tuple[str, ...]:
    """A condition on each attribute of subjects themselves, true of most of whom it is known."""
    stored = stored_attributes(catalogue, kind, Scope.SELF)
    return tuple(told for attribute in stored if (told := _condition(attribute)))


def _condition(attribute: Attribute) -> str | None:
    match attribute.type:
        case ValueType.BOOLEAN:
            return attribute.name
        case ValueType.NUMBER:
            return f"{attribute.name} >= 1"
        case ValueType.ENUM:
            return f"{attribute.name} != '{attribute.allowed[0]}'"
        case ValueType.DATE:
            return None


def offers(catalogue: Catalogue, kind: SubjectKind) -> tuple[Draft, ...]:
    """Drafts that the catalogue allows, each for another item; their audiences share the conditions out."""
    asked = conditions(catalogue, kind)
    found: list[Draft] = []
    for item in catalogue.items_for(kind, Scope.SELF):
        some = asked[len(found) :: OFFERS][:TOGETHER]
        if len(found) == OFFERS or not some:
            break
        held_out = 0.0 if is_duty(item.id, catalogue) else 0.3
        draft = Draft(
            kind=kind,
            item=item.id,
            audience=" OR ".join(some),
            names=WORDS,
            reason=WORDS,
            stages=(1.0,),
            hold_out=held_out,
        )
        try:
            check_draft(draft, catalogue)
        except CampaignRefused as refused:
            if refused.code != "item":
                raise
        else:
            found.append(draft)
    return tuple(found)


def enrolments(
    subject: str, mark: str, drafts: Iterable[Draft], version: str, at: dt.datetime
) -> Iterator[Enrolled]:
    """In which of the campaigns a subject was; drawn apart from all else that is drawn of them."""
    rng = random.Random(crc32(f"{version} {subject} {mark}".encode()))  # noqa: S311 - a reproducible sample
    for draft in drafts:
        if rng.random() < 0.7:
            told = at - dt.timedelta(days=rng.randrange(1, 120))
            read = told + dt.timedelta(hours=1) if rng.random() < 0.5 else None
            yield Enrolled(past(draft), subject, draft.item, rng.random() < draft.hold_out, told, read)


def past(draft: Draft) -> str:
    """The id of the campaign of this draft that was sent some time ago."""
    return f"past:{draft.kind}:{draft.item}"


def keep_campaign(connection: Connection, id_: str, draft: Draft, at: dt.datetime, *, sent: bool) -> None:
    """A campaign that two people agreed on, sent or about to be."""
    row = {
        **{name: getattr(draft, name) for name in ("item", "audience", "hold_out")},
        **{"id": id_, "kind": draft.kind.value, "stages": list(draft.stages)},
        **{"names_zh": draft.names.zh, "names_en": draft.names.en},
        **{"reason_zh": draft.reason.zh, "reason_en": draft.reason.en},
        **{"state": "finished" if sent else "sending", "released": 1, "sent": int(sent)},
        **{"created_by": "ann", "created_at": at, "approved_by": "bob", "approved_at": at},
    }
    connection.execute(insert(campaign).values(row))


def keep_enrolled(connection: Connection, everybody: Collection[Enrolled], version: str) -> None:
    """What the campaigns left behind of everybody who was in one."""
    told = [_message(one, version) for one in everybody if not one.held_out]
    keys = {(message.subject, message.detail["campaign"]): message.key for message in told}
    keep_members(
        connection,
        [
            Member(
                one.campaign,
                one.subject,
                "held_out" if one.held_out else "told",
                1,
                one.at,
                keys.get((one.subject, one.campaign)),
            )
            for one in everybody
        ],
    )
    rows = [
        {**row_of(_message(one, version), one.at), "read_at": one.read_at}
        for one in everybody
        if not one.held_out
    ]
    if rows:
        connection.execute(insert(inbox), rows)


def _message(one: Enrolled, version: str) -> Message:
    return Message(
        key=message_key("campaign", one.campaign, one.subject),
        subject=one.subject,
        kind="notice",
        template="campaign",
        reason=Reason("campaign", WORDS),
        item=one.item,
        catalogue_version=version,
        detail={"campaign": one.campaign},
    )


def keep_ways(connection: Connection, subjects: Iterable[str], at: dt.datetime) -> None:
    """Everybody can be reached outside the inbox, and three of four want to be."""
    pairs = [(subject, way) for subject in subjects for way in WAYS]
    spoken = at - dt.timedelta(days=30)
    addresses: list[dict[str, Any]] = [
        {"subject": who, "channel": way, "ciphertext": b"sealed", "key_version": 1, "verified_at": spoken}
        for who, way in pairs
    ]
    wishes: list[dict[str, Any]] = [
        {
            **{"subject": who, "theme": "*", "channel": way, "changed_at": spoken},
            "wanted": crc32(f"{who} {way}".encode()) % 4 > 0,
        }
        for who, way in pairs
    ]
    if pairs:
        connection.execute(insert(contact), addresses)
        connection.execute(insert(reminder_choice), wishes)
