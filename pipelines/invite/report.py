"""预约用户服务成功率: of the invitations put before subjects, those done by the day agreed on or due.

Only what subjects let be counted is counted (purpose `aggregate`), and nothing that rests on a few is told,
nor anything of a few who came or went since the report before: counts are in whole tens, shares are theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, select

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.statements import business_day, end_of
from models.homepage import theme_of_item
from privacy.aggregates import Counts, Release, release
from privacy.mask import mask_matters, mask_records
from privacy.steady import steadily
from records.bulk import read_rows
from records.consents import consents_table
from records.database import open_records, reading, writing
from records.insertion import insert_or_change
from records.invitations import SAID_LATER
from records.populations import record_tables
from records.settings import Settings
from records.tables import invitation
from records.tables import invitation_report as reports

IN_TIME, LATE, SAID, OPEN, MISSED = "in_time", "late", "said_done", "open", "missed"
"""Done by the day by a case; by a case after it; by the subject's word alone; to come; neither."""
OUTCOMES: Final = (IN_TIME, LATE, SAID, OPEN, MISSED)
BETWEEN: Final = "\x1f"
DIMENSIONS: Final = ("kind", "theme", "month")
"""What the rate is told by; each alone, never crossed with another."""


def invitation_rates(
    settings: Settings, catalogue: Catalogue, on: dt.date, at: dt.datetime
) -> dict[str, Any]:
    """Count the invitations delivered until a day, keep the report of the day, and give it."""
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            parts = [_counted(connection, kind, catalogue, on) for kind in SubjectKind]
            before = _before(connection)
        report = rates(pl.concat(parts), on, before)
        with writing(engine) as connection:
            insert_or_change(connection, reports, {"on": on, "made_at": at, "report": report})
        return report
    finally:
        engine.dispose()


def _before(connection: Connection) -> Mapping[str, Any] | None:
    """The report told last; None before any was."""
    latest = select(reports.c.report).order_by(reports.c.made_at.desc(), reports.c.on.desc()).limit(1)
    found: Mapping[str, Any] | None = connection.execute(latest).scalar_one_or_none()
    return found


def _counted(connection: Connection, kind: SubjectKind, catalogue: Catalogue, on: dt.date) -> pl.DataFrame:
    """kind, theme, month, outcome: a row for each invitation that may be counted."""
    consents = consents_table(connection, kind)
    tables = mask_records(record_tables(connection, kind), "aggregate", consents, catalogue, end_of(on))
    made = invitation.select().where(
        invitation.c.reason_code != SAID_LATER,
        invitation.c.delivered_at.is_not(None),
        invitation.c.delivered_at <= end_of(on),
    )
    open_ = mask_matters(read_rows(connection, made), tables, consents, catalogue, end_of(on))
    known = open_.filter(pl.col("item").is_in(sorted(catalogue.items)))
    rows = [
        (
            kind.value,
            theme_of_item(row["item"], catalogue),
            f"{business_day(row['delivered_at']):%Y-%m}",
            _outcome(row, on),
        )
        for row in known.iter_rows(named=True)
    ]
    names = [*DIMENSIONS, "outcome"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _outcome(row: dict[str, Any], on: dt.date) -> str:
    """What came of an invitation by the day agreed on, else by the last day of the matter."""
    by = row["agreed_on"] or row["due_on"] or row["valid_to"]
    if row["status"] == "completed":
        if row["completed_by"] is None:
            return SAID
        return IN_TIME if by is None or business_day(row["completed_at"]) <= by else LATE
    ended = row["status"] in ("declined", "expired") or (by is not None and by < on)
    return MISSED if ended else OPEN


def rates(rows: pl.DataFrame, on: dt.date, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The rates over all and by each dimension; None where too few are concerned to be told.

    `before` is the report told last: what has changed by fewer than ten since is told as it was.
    """
    parted = [
        pl.concat_str(pl.col(name), pl.col("outcome"), separator=BETWEEN).alias(name) for name in DIMENSIONS
    ]
    frame = rows.select("outcome", *parted)
    counts = Counts(("outcome", *DIMENSIONS))
    counts.add(frame)
    released, earlier = release(counts), before or {"all": {}, "by": {}}
    told = {name: list(_by(released, counts, name, earlier["by"].get(name, ()))) for name in DIMENSIONS}
    return {"on": on.isoformat(), "all": _line(released, "outcome", "", earlier["all"]), "by": told}


def _by(
    released: Release, counts: Counts, dimension: str, before: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    names = {name.partition(BETWEEN)[0] for of, name in counts.single if of == dimension}
    earlier = {line["group"]: line for line in before}
    for name in sorted(names):
        line = _line(released, dimension, f"{name}{BETWEEN}", earlier.get(name, {}))
        yield {"group": name, **line}


def _line(released: Release, dimension: str, prefix: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of one group by outcome, and the two rates, as far as they may be told."""
    asked = {
        "delivered": OUTCOMES,
        "settled": tuple(one for one in OUTCOMES if one != OPEN),
        **{one: (one,) for one in OUTCOMES},
    }
    told = {
        name: steadily(released, [(dimension, prefix + one) for one in outcomes], before, name)
        for name, outcomes in asked.items()
    }
    return {
        **told,
        "success_rate": _share(told[IN_TIME], told["delivered"]),
        "settled_rate": _share(told[IN_TIME], told["settled"]),
    }


def _share(part: int | None, whole: int | None) -> float | None:
    """Of figures in whole tens, one of which may be of a day before: a share is never over one."""
    return None if part is None or not whole else min(1.0, part / whole)
