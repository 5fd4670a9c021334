"""An attribute no statement ever told is found; one that was told once, or told to be none, is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from catalog.loader import load_catalogue
from features.statements import AttributeHistory
from features.told import never_told

SOUND = Path(__file__).resolve().parents[1] / "catalog" / "sound"
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ALL = {"birth_date", "hukou", "township", "child_birth_date", "child_registered", "staff", "wage", "expands"}


@pytest.fixture
def history(tmp_path: Path) -> AttributeHistory:
    return AttributeHistory(tmp_path, load_catalogue(SOUND))


def tell(history: AttributeHistory, folder: str, **columns: list[Any]) -> None:
    path = history.path / folder
    path.mkdir(parents=True, exist_ok=True)
    height = len(next(iter(columns.values())))
    ids, times = [f"s{n}" for n in range(height)], [AT] * height
    frame = pl.DataFrame({"scope_item": ids, "observed_at": times, **columns})
    frame.write_parquet(path / f"{len(list(path.iterdir()))}.parquet")


def silent(history: AttributeHistory, names: set[str] = ALL) -> set[str]:
    return {attribute.name for attribute in never_told(history, names)}


def test_without_statements_every_office_is_silent_but_what_is_declared_is_nobodys(
    history: AttributeHistory,
) -> None:
    assert silent(history) == ALL - {"expands"}


def test_one_value_among_many_statements_is_enough(history: AttributeHistory) -> None:
    tell(history, "citizen.self/public-security", hukou=[None, None, "BJ"])
    tell(history, "citizen.self/public-security", township=[None])
    assert silent(history) == ALL - {"expands", "hukou"}


def test_that_there_is_none_has_been_told(history: AttributeHistory) -> None:
    tell(history, "citizen.child/public-security", has_child_birth_date=[False, None])
    assert "child_birth_date" not in silent(history)
    tell(history, "enterprise.self/tax", has_wage=[False])
    assert "wage" in silent(history)


def test_only_what_is_asked_about_is_told(history: AttributeHistory) -> None:
    assert silent(history, {"staff"}) == {"staff"}
