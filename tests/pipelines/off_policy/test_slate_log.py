"""The log of shown pages: what counts as a row, what as taken, and when there is too little of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from catalog.vocabulary import SubjectKind
from features.schema import MaskedRecordTables
from pipelines.off_policy.slate_log import LEAST_SLATES, NothingLogged, slate_log

FIRST, LAST = dt.date(2026, 6, 30), dt.date(2026, 7, 31)
COLUMNS = {
    "client_id": pl.String, "subject": pl.String, "scope_item": pl.String, "item": pl.String,
    "kind": pl.String, "slate": pl.String, "position": pl.Int64, "propensity": pl.Float64,
    "at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def act(slate: int, kind: str, item: str, position: int | None, **more: Any) -> dict[str, Any]:
    subject = f"c-{slate % 7}"
    at = dt.datetime(2026, 7, 2, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=slate)
    return {
        "client_id": f"{slate}{kind}{item}{position}", "subject": subject, "scope_item": subject,
        "item": item, "kind": kind, "slate": f"l-{slate:04}", "position": position, "propensity": 0.5,
        "at": at, **more,
    }  # fmt: skip


def records(rows: list[dict[str, Any]]) -> MaskedRecordTables:
    empty = pl.DataFrame()
    told = pl.DataFrame(rows, schema=COLUMNS)
    return MaskedRecordTables(SubjectKind.CITIZEN, "train", empty, empty, empty, told, empty, empty)


PAGES = [act(n, "impression", item, place) for n in range(60) for place, item in enumerate("abc", start=1)]


def test_rows_are_impressions_in_order_with_what_was_taken() -> None:
    log = slate_log(
        records([act(3, "click", "b", 2), act(5, "start", "a", None), *reversed(PAGES)]), FIRST, LAST
    )
    assert log.slates == 60
    assert log.position.tolist() == [1, 2, 3] * 60
    assert log.click.sum() == 2
    assert log.click[3 * 3 + 1] == log.click[3 * 5] == 1.0
    assert log.cluster.max() == 6
    assert [f"c-{n}" for n in log.cluster[log.slate]] == log.frame["subject"].to_list()


def test_what_is_too_far_down_too_early_or_without_propensity_is_no_row() -> None:
    early = dt.datetime(2026, 6, 30, 1, tzinfo=dt.UTC)
    odd = [
        act(99, "impression", "a", 11),
        act(98, "impression", "a", 1, at=early),
        act(97, "impression", "a", 1, propensity=None),
        {**act(96, "impression", "a", 1), "slate": None},
    ]
    assert slate_log(records([*PAGES, *odd]), FIRST, LAST).slates == 60


def test_too_few_pages_are_said_to_be_too_few() -> None:
    with pytest.raises(NothingLogged, match=f"{LEAST_SLATES} are needed"):
        slate_log(records(PAGES[: 3 * (LEAST_SLATES - 1)]), FIRST, LAST)
