"""A clock that is not to be trusted is found out, against the records' or against its own past."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine

from records.clock_skew import ClockWatch
from records.database import engine_for, reading
from tests.records.databases import fresh_database

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("jump", "goes"), [(0, True), (59, True), (61, False), (-59, True), (-61, False), (86_400, False)]
)
def test_a_jump_of_the_clock_beside_embedded_records(jump: float, goes: bool, tmp_path: Any) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'records.db'}")
    now, steady = [NOON], [1_000.0]
    watch = ClockWatch(lambda: now[0], lambda: steady[0])
    steady[0] += 300
    now[0] += dt.timedelta(seconds=300 + jump)
    with reading(engine) as connection:
        assert watch.skew(connection) == dt.timedelta(seconds=jump)
        assert watch.pushing_may_go(connection) is goes
    engine.dispose()


@pytest.mark.parametrize(("ahead", "goes"), [(0, True), (30, True), (90, False), (-90, False)])
def test_a_clock_beside_that_of_the_database(postgres: Any, ahead: float, goes: bool) -> None:
    with fresh_database(postgres) as url:
        engine: Engine = engine_for(url)
        watch = ClockWatch(lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead))
        with reading(engine) as connection:
            assert abs(watch.skew(connection).total_seconds() - ahead) < 5
            assert watch.pushing_may_go(connection) is goes
        engine.dispose()
