"""What the direct model knows of a shown row: the item, the subject's traits, and what they did before."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from features.indicators import fit_indicators
from features.named import traits_of
from models.off_policy.totals import Floats
from pipelines.off_policy.slate_log import SlateLog
from pipelines.train.affinity_data import taken_up
from pipelines.train.ground import Ground


def row_features(log: SlateLog, ground: Ground, scores: Floats | None) -> sparse.csr_array:
    """(rows, features): nothing of it is later than the moment the row was shown.

    Traits are those at the end of the day before the first row. `scores` are a model's, if any.
    """
    rows = log.frame.with_row_index("row")
    first = log.frame["at"].min()
    day = first.date() if first is not None else ground.on  # type: ignore[union-attr]
    traits = ground.traits(day)
    indicators = fit_indicators(traits, traits_of(ground.catalogue, ground.kind))
    own = pl.DataFrame({"subject": log.frame["subject"]}).join(
        traits, on="subject", how="left", maintain_order="left"
    )
    items = log.frame["item"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    one_hot = sparse.csr_array((np.ones(len(items)), (np.arange(len(items)), items)))
    numbers = [_before(rows, ground)]
    if scores is not None:
        spread = float(scores.std())
        numbers.append(((scores - scores.mean()) / spread if spread > 0 else scores)[:, None])
    dense = sparse.csr_array(np.hstack(numbers))
    return sparse.csr_array(sparse.hstack([one_hot, indicators.encode(own), dense], format="csr"))


def _before(rows: pl.DataFrame, ground: Ground) -> Floats:
    """(rows, 2): how much the subject had done with the item before, and with anything, as logarithms."""
    acts = taken_up(ground.records).sort("at")
    counted = acts.with_columns(
        pl.col("weight").cum_sum().over("subject", "item").alias("with_item"),
        pl.col("weight").cum_sum().over("subject").alias("at_all"),
    )
    shown = rows.sort("at")
    with_item = shown.join_asof(
        counted.select("subject", "item", "at", "with_item"),
        on="at", by=["subject", "item"], strategy="backward", allow_exact_matches=False,
        check_sortedness=False,
    )  # fmt: skip
    both = with_item.join_asof(
        counted.select("subject", "at", "at_all"),
        on="at", by="subject", strategy="backward", allow_exact_matches=False, check_sortedness=False,
    ).sort("row")  # fmt: skip
    return np.asarray(both.select(pl.col("with_item", "at_all").fill_null(0.0).log1p()).to_numpy())
