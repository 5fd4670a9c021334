"""What all subjects together made of each item: how often it was shown and taken, how it was rated."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, case, distinct, func, select
from sqlalchemy.sql.elements import ColumnElement

from models.feedback.chance import Exposure
from models.feedback.quality import RatingCount
from records.tables import interaction as interactions
from records.tables import rating as ratings

TAKEN = ("click", "start", "submit", "complete")


def exposures_since(connection: Connection, since: dt.datetime) -> dict[str, Exposure]:
    """By item, on how many slates it was shown since an instant, and on how many of these it was taken."""
    i = interactions.c
    shown = func.count(distinct(case((i.kind == "impression", i.slate))))
    taken = func.count(distinct(case((i.kind.in_(TAKEN), i.slate))))
    statement = (
        select(i.item, shown, taken)
        .where(i.slate.is_not(None), i.item.is_not(None), i.at >= since)
        .group_by(i.item)
    )
    return {
        item: Exposure(seen, min(took, seen)) for item, seen, took in connection.execute(statement) if seen
    }


def rating_counts(connection: Connection) -> tuple[RatingCount, ...]:
    """How often each item got each score in each month (UTC)."""
    month = _month(connection, ratings.c.at)
    statement = select(ratings.c.item, ratings.c.score, month, func.count()).group_by(
        ratings.c.item, ratings.c.score, month
    )
    return tuple(
        RatingCount(item, score, dt.date.fromisoformat(f"{of}-01"), count)
        for item, score, of, count in connection.execute(statement)
    )


def _month(connection: Connection, at: ColumnElement[Any]) -> ColumnElement[str]:
    if connection.dialect.name == "sqlite":
        return func.strftime("%Y-%m", at)
    return func.to_char(at, "YYYY-MM")
