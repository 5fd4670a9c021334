"""Old records of a few do not make the silence about all others telling."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pipelines.train.observation import observed_from


def at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.UTC)


def series(times: list[dt.datetime]) -> pl.Series:
    return pl.Series("at", times, dtype=pl.Datetime("us", "UTC"))


def test_nothing_is_observed_without_records() -> None:
    assert observed_from(series([])) is None


def test_a_lone_record_is_where_it_begins() -> None:
    assert observed_from(series([at(2026, 3, 5)])) == dt.date(2026, 3, 5)


def test_an_archive_of_a_few_does_not_move_the_beginning() -> None:
    archive = [at(year, month, 1) for year in range(2015, 2025) for month in range(1, 13)]
    usual = [at(2025, month, 3 + n % 20) for month in range(1, 13) for n in range(200)]
    assert observed_from(series(archive + usual)) == dt.date(2025, 1, 3)


def test_a_town_that_grows_is_observed_from_its_first_month() -> None:
    growing = [at(2025, month, 7) for month in range(1, 13) for _ in range(10 + 5 * month)]
    assert observed_from(series(growing)) == dt.date(2025, 1, 7)
