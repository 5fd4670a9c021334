"""Statistics of public services in the online store: the named features that are of nobody in particular."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from features.named import statistics_columns

if TYPE_CHECKING:
    from feast import FeatureStore

VIEW = "public_service_statistics"


def write_statistics(store: FeatureStore, statistics: pl.DataFrame, at: dt.datetime) -> None:
    """Puts the statistics of `transforms.service_statistics` online, as of an (aware) instant."""
    import pandas as pd

    cells = statistics.with_columns(pl.lit(at).alias("event_timestamp")).to_dict(as_series=False)
    store.write_to_online_store(VIEW, df=pd.DataFrame(cells))


def read_statistics(store: FeatureStore, items: Sequence[str]) -> dict[str, dict[str, int | None]]:
    """By item: its counts, by name; None where nothing was ever counted."""
    names = statistics_columns()
    answer = store.get_online_features(
        features=[f"{VIEW}:{name}" for name in names], entity_rows=[{"item": item} for item in items]
    ).to_dict()
    # The order of features differs from process to process: only names tell them apart.
    return {item: {name: answer[name][place] for name in names} for place, item in enumerate(answer["item"])}
