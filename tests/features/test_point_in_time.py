"""Our point-in-time join beside Feast's DuckDB store: the same values, and no row lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from features.point_in_time import History, historical
from features.statements import INSTANT

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LIVES = {"traits": dt.timedelta(days=40), "behaviour": None}


def _history(seed: int, column: str, subjects: int = 60, rows: int = 300) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    minutes = draw.choice(np.arange(200 * 24 * 60), size=rows, replace=False)
    return pl.DataFrame(
        {
            "scope_item": [f"c{i}" for i in draw.integers(0, subjects, rows)],
            "event_timestamp": [START + dt.timedelta(minutes=int(m)) for m in minutes],
            column: [None if draw.random() < 0.1 else float(v) for v in draw.random(rows)],
        },
        schema={"scope_item": pl.String, "event_timestamp": INSTANT, column: pl.Float64},
    )


@pytest.fixture(scope="module")
def histories() -> dict[str, pl.DataFrame]:
    return {"traits": _history(1, "income"), "behaviour": _history(2, "views")}


@pytest.fixture(scope="module")
def rows(histories: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Subjects with and without a past, asked for on and around the very instants of their rows."""
    draw = np.random.default_rng(3)
    some = histories["traits"].sample(100, seed=4).select("scope_item", "event_timestamp")
    around = some.with_columns(pl.col("event_timestamp") - pl.duration(microseconds=1))
    aged = some.with_columns(pl.col("event_timestamp") + pl.duration(days=39))
    early = pl.DataFrame(
        {
            "scope_item": [f"c{i}" for i in draw.integers(0, 80, 100)],
            "event_timestamp": [START + dt.timedelta(hours=int(h)) for h in draw.integers(-100, 4000, 100)],
        },
        schema=some.schema,
    )
    # The default store of Feast collapses rows that are the same but for their label.
    return (
        pl.concat([early, some, some, around, aged])
        .with_row_index("row")
        .sample(fraction=1, shuffle=True, seed=5)
    )


def _ours(rows: pl.DataFrame, histories: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return historical(
        rows,
        [
            History(frame.lazy(), "scope_item", "event_timestamp", LIVES[name])
            for name, frame in histories.items()
        ],
    )


def _feasts(rows: pl.DataFrame, histories: dict[str, pl.DataFrame], path: Path) -> pl.DataFrame:
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
    from feast.repo_config import RepoConfig
    from feast.types import Float64

    subject = Entity(name="citizen", join_keys=["scope_item"], value_type=ValueType.STRING)
    views = []
    for name, frame in histories.items():
        frame.write_parquet(path / f"{name}.parquet")
        source = FileSource(path=str(path / f"{name}.parquet"), timestamp_field="event_timestamp")
        schema = [Field(name=frame.columns[-1], dtype=Float64)]
        ttl = LIVES[name] or dt.timedelta(0)
        views.append(FeatureView(name=name, entities=[subject], schema=schema, source=source, ttl=ttl))
    store = FeatureStore(
        config=RepoConfig(
            project="compared",
            provider="local",
            registry=str(path / "registry.db"),
            online_store={"type": "sqlite", "path": str(path / "online.db")},
            offline_store={"type": "duckdb"},
            entity_key_serialization_version=3,
        )
    )
    store.apply([subject, *views])
    asked = pd.DataFrame(rows.to_dict(as_series=False))
    job = store.get_historical_features(
        entity_df=asked, features=[f"{name}:{frame.columns[-1]}" for name, frame in histories.items()]
    )
    return pl.from_arrow(job.to_arrow())  # type: ignore[return-value]


def test_no_row_is_lost_doubled_or_moved(rows: pl.DataFrame, histories: dict[str, pl.DataFrame]) -> None:
    assert _ours(rows, histories).select(rows.columns).equals(rows)


def test_values_are_those_of_feasts_duckdb_store(
    rows: pl.DataFrame, histories: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    ours = _ours(rows, histories).sort("row").select("row", "income", "views")
    feasts = _feasts(rows, histories, tmp_path).select(pl.col("row").cast(pl.UInt32), "income", "views")
    assert feasts.height == ours.height
    assert ours.equals(feasts.sort("row"))
    assert 0 < ours["income"].null_count() < ours.height


def test_nothing_of_later_is_in_a_row(rows: pl.DataFrame, histories: dict[str, pl.DataFrame]) -> None:
    cut = START + dt.timedelta(days=90)
    early = rows.filter(pl.col("event_timestamp") <= cut)
    known_then = {n: h.filter(pl.col("event_timestamp") <= cut) for n, h in histories.items()}
    assert _ours(early, histories).equals(_ours(early, known_then))


def test_a_row_exactly_at_the_end_of_its_life_is_stale() -> None:
    past = pl.DataFrame({"k": ["a"], "t": [START], "x": [1.0]}, schema_overrides={"t": INSTANT})
    asked = pl.DataFrame(
        {
            "k": ["a", "a"],
            "event_timestamp": [
                START + dt.timedelta(days=n) - dt.timedelta(microseconds=m) for n, m in ((9, 1), (9, 0))
            ],
        },
        schema_overrides={"event_timestamp": INSTANT},
    )
    found = historical(asked, [History(past.lazy(), "k", "t", dt.timedelta(days=9))])
    assert found["x"].to_list() == [1.0, None]
