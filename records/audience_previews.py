"""Previews of audiences: asked for, and counted by whoever works on campaigns."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from catalog.vocabulary import SubjectKind
from records.campaigns import CampaignRefused, UnknownCampaign
from records.tables import audience_preview as previews

REMEMBERED: Final = dt.timedelta(days=90)
MOST: Final = 50
"""Different audiences of one kind that may be counted in that time: many counts together tell of a few."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An audience to be counted, or counted. `reached` and `people` are None where too few to be told."""

    id: str
    kind: SubjectKind
    audience: str
    asked_by: str
    asked_at: dt.datetime
    on: dt.date | None
    people: int | None
    reached: int | None
    counted_at: dt.datetime | None


def ask_preview(
    connection: Connection, kind: SubjectKind, audience: str, by: str, at: dt.datetime
) -> Preview:
    """Ask for an audience to be counted. CampaignRefused beyond the most that may be."""
    p = previews.c
    lately = (p.kind == kind.value, p.asked_at >= at - REMEMBERED)
    known = select(func.count(p.audience.distinct())).where(*lately, p.audience != audience)
    if connection.execute(known).scalar_one() >= MOST:
        raise CampaignRefused("too-many-previews", f"{MOST} audiences were counted in {REMEMBERED.days} days")
    id_ = f"pv-{secrets.token_hex(8)}"
    row = {"id": id_, "kind": kind.value, "audience": audience, "asked_by": by, "asked_at": at}
    connection.execute(insert(previews).values(**row))
    return preview_with_id(connection, id_)


def preview_with_id(connection: Connection, id: str) -> Preview:
    """The preview of this id. Raises UnknownCampaign."""
    row = connection.execute(select(previews).where(previews.c.id == id)).first()
    if row is None:
        raise UnknownCampaign(f"no preview {id!r}")
    return _preview(row)


def waiting_previews(connection: Connection) -> tuple[Preview, ...]:
    """Those not counted yet, in the order they were asked for."""
    waiting = select(previews).where(previews.c.counted_at.is_(None))
    ordered = waiting.order_by(previews.c.asked_at, previews.c.id)
    return tuple(_preview(row) for row in connection.execute(ordered))


def told_before(connection: Connection, kind: SubjectKind, at: dt.datetime) -> tuple[str, ...]:
    """The audiences of the kind whose count was told of late, each once, the earliest first."""
    p = previews.c
    told = (p.kind == kind.value, p.counted_at >= at - REMEMBERED, p.reached.is_not(None))
    ordered = connection.execute(select(p.audience).where(*told).order_by(p.counted_at, p.id)).scalars()
    return tuple(dict.fromkeys(ordered))


def told_last(
    connection: Connection, kind: SubjectKind, audience: str, at: dt.datetime
) -> Mapping[str, int | None]:
    """What was told of an audience last, and of late: `people` and `reached`; empty where nothing was."""
    p = previews.c
    counted = (p.kind == kind.value, p.audience == audience, p.counted_at >= at - REMEMBERED)
    latest = select(p.people, p.reached).where(*counted).order_by(p.counted_at.desc(), p.id.desc()).limit(1)
    row = connection.execute(latest).first()
    return {} if row is None else dict(row._mapping)


def keep_preview(
    connection: Connection, id: str, on: dt.date, counts: tuple[int | None, int | None], at: dt.datetime
) -> None:
    """Keep the counts (people, reached) that may be told of an audience."""
    values = {"on": on, "people": counts[0], "reached": counts[1], "counted_at": at}
    connection.execute(update(previews).where(previews.c.id == id).values(**values))


def _preview(row: Row[Any]) -> Preview:
    return Preview(**{**row._mapping, "kind": SubjectKind(row.kind)})
