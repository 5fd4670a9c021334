"""Campaigns from draft to end: one person drafts, another approves, stages are released, anybody stops."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from catalog.vocabulary import Names, SubjectKind
from records.reliance import UNFINISHED
from records.tables import audience_preview as previews
from records.tables import campaign as campaigns
from records.tables import campaign_member as members
from records.tables import inbox, outbox
from records.tables.vocabulary import CampaignState

STAGES: Final = (0.01, 0.1, 1.0)
PREVIEW_GOOD_FOR: Final = dt.timedelta(days=7)
MOST_HELD_OUT: Final = 0.5


class CampaignRefused(ValueError):
    """Something a campaign does not allow as it stands; `code` for programs."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


class UnknownCampaign(LookupError):
    """There is no such campaign, or preview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an operator wants to tell whom. `hold_out` is the share that is told nothing."""

    kind: SubjectKind
    item: str
    audience: str
    names: Names
    reason: Names
    stages: tuple[float, ...] = STAGES
    hold_out: float = 0.0

    def __post_init__(self) -> None:
        """Raise CampaignRefused for shares that make no sense."""
        rising = all(a < b for a, b in zip(self.stages, self.stages[1:], strict=False))
        if not self.stages or not rising or self.stages[0] <= 0 or self.stages[-1] != 1:
            raise CampaignRefused("stages", "stages are shares that rise from above 0 to 1")
        if not 0 <= self.hold_out <= MOST_HELD_OUT:
            raise CampaignRefused("hold-out", f"a hold-out is a share from 0 to {MOST_HELD_OUT}")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands."""

    id: str
    draft: Draft
    state: CampaignState
    released: int
    sent: int
    created_by: str
    created_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    stopped_by: str | None
    stopped_at: dt.datetime | None
    funnel: Mapping[str, Any] | None
    counted_at: dt.datetime | None

    @property
    def share(self) -> float:
        """The share of the audience that may be told by now."""
        return self.draft.stages[self.released - 1] if self.released else 0.0


def draft_campaign(connection: Connection, draft: Draft, by: str, at: dt.datetime) -> Campaign:
    """Keep a draft; nothing is sent before somebody else has approved it."""
    id_ = f"cp-{secrets.token_hex(8)}"
    row = {
        "id": id_,
        "kind": draft.kind.value,
        "item": draft.item,
        "audience": draft.audience,
        "names_zh": draft.names.zh,
        "names_en": draft.names.en,
        "reason_zh": draft.reason.zh,
        "reason_en": draft.reason.en,
        "stages": list(draft.stages),
        "hold_out": draft.hold_out,
    }
    state = {"state": "draft", "released": 0, "sent": 0, "created_by": by, "created_at": at}
    connection.execute(insert(campaigns).values(**row, **state))
    return campaign_with_id(connection, id_)


def campaign_with_id(connection: Connection, id: str, *, lock: bool = False) -> Campaign:
    """The campaign of this id. Raises UnknownCampaign."""
    statement = select(campaigns).where(campaigns.c.id == id)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise UnknownCampaign(f"no campaign {id!r}")
    return _campaign(row)


def all_campaigns(connection: Connection) -> tuple[Campaign, ...]:
    """Every campaign, the latest first."""
    ordered = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.id)
    return tuple(_campaign(row) for row in connection.execute(ordered))


def approve_campaign(connection: Connection, id: str, by: str, at: dt.datetime) -> Campaign:
    """Approve a draft whose audience was previewed of late; only somebody else than its author may."""
    one = campaign_with_id(connection, id, lock=True)
    if one.state != "draft":
        raise CampaignRefused("not-a-draft", f"campaign {id} is {one.state}: only a draft is approved")
    if one.created_by == by:
        raise CampaignRefused(
            "own-draft", "whoever drafted a campaign cannot approve it: a second person must"
        )
    if not _previewed(connection, one, at):
        raise CampaignRefused(
            "not-previewed", "its audience was not counted in the last seven days: preview it"
        )
    return _set(connection, id, state="approved", approved_by=by, approved_at=at)


def release_stage(connection: Connection, id: str, stage: int) -> Campaign:
    """Let the next stage be sent; a stage that is released already changes nothing."""
    one = campaign_with_id(connection, id, lock=True)
    if one.state not in ("approved", "sending", "finished"):
        raise CampaignRefused("not-approved", f"campaign {id} is {one.state}: nothing of it can be sent")
    if stage <= one.released and stage > 0:
        return one
    if not one.sent == one.released == stage - 1 or stage > len(one.draft.stages):
        raise CampaignRefused(
            "stages", f"{one.sent} of {len(one.draft.stages)} stages are sent: take the next"
        )
    return _set(connection, id, state="sending", released=stage)


def finish_stage(connection: Connection, id: str, stage: int) -> Campaign:
    """Note that a stage was sent whole; after the last one the campaign is finished."""
    one = campaign_with_id(connection, id, lock=True)
    if one.state != "sending" or stage != one.released:
        return one
    done = stage == len(one.draft.stages)
    return _set(connection, id, sent=stage, state="finished" if done else "sending")


def stop_campaign(connection: Connection, id: str, by: str, at: dt.datetime) -> tuple[Campaign, int]:
    """Stop it at once: nothing more is told, and what waits to go out does not; how many that were."""
    one = campaign_with_id(connection, id, lock=True)
    if one.state == "stopped":
        return one, 0
    keys = select(members.c.key).where(members.c.campaign == id, members.c.key.is_not(None))
    told = select(inbox.c.id).where(inbox.c.key.in_(keys))
    # Many at once, so by one statement each and not by `untell`, which takes the subjects one by one.
    waiting = (outbox.c.inbox.in_(told), outbox.c.state.in_(UNFINISHED))
    cancelled = connection.execute(update(outbox).where(*waiting).values(state="cancelled")).rowcount
    open_ = (inbox.c.key.in_(keys), inbox.c.closed_at.is_(None), inbox.c.read_at.is_(None))
    closing = {"closed_at": at, "closed_because": "untrue"}
    connection.execute(update(inbox).where(*open_).values(**closing))
    return _set(connection, id, state="stopped", stopped_by=by, stopped_at=at), cancelled


def keep_funnel(connection: Connection, id: str, funnel: Mapping[str, Any], at: dt.datetime) -> None:
    """Keep what was counted of a campaign."""
    _set(connection, id, funnel=dict(funnel), counted_at=at)


def _previewed(connection: Connection, one: Campaign, at: dt.datetime) -> bool:
    p = previews.c
    same = (p.kind == one.draft.kind.value, p.audience == one.draft.audience)
    counted = select(p.id).where(*same, p.counted_at >= at - PREVIEW_GOOD_FOR)
    return connection.execute(counted.limit(1)).first() is not None


def _set(connection: Connection, id: str, **values: object) -> Campaign:
    connection.execute(update(campaigns).where(campaigns.c.id == id).values(**values))
    return campaign_with_id(connection, id)


def _campaign(row: Row[Any]) -> Campaign:
    draft = Draft(
        kind=SubjectKind(row.kind),
        item=row.item,
        audience=row.audience,
        names=Names(zh=row.names_zh, en=row.names_en),
        reason=Names(zh=row.reason_zh, en=row.reason_en),
        stages=tuple(row.stages),
        hold_out=row.hold_out,
    )
    life = ("state", "released", "sent", "created_by", "created_at", "approved_by", "approved_at")
    rest = ("stopped_by", "stopped_at", "funnel", "counted_at")
    return Campaign(row.id, draft, *(row._mapping[name] for name in (*life, *rest)))
