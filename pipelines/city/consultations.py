"""Hotline and web enquiries: mostly about what is on the subject's mind, some about anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from catalog.catalogue import Item
from pipelines.city.block import Block
from pipelines.city.identities import record_ids, subject_ids
from pipelines.city.journal import Pages, moment
from pipelines.city.life import Month
from pipelines.city.randomness import Ints
from pipelines.city.tables import MOMENT
from pipelines.city.taste import theme_of
from pipelines.city.wants import Wants


def ask(
    block: Block, wants: Wants, pages: Pages, month: Month, items: Sequence[Item], codes: dict[str, Ints]
) -> None:
    """One month of enquiries: pending journeys raise questions, and so does chance."""
    knobs, rng = block.setting.world.consultations, block.rng("consultations", month.number)
    askers, topics = [], []
    for scope, want in wants.by_scope.items():
        rows, columns = np.nonzero(want.pending)
        some = rng.random(len(rows)) < knobs.pending_share
        askers.append(block.states[scope].owner[rows[some]])
        topics.append(codes[scope][columns[some]] if len(want.items) else rows[:0])
    idle = np.flatnonzero(rng.random(block.subjects.rows) < knobs.monthly[block.kind])
    askers.append(idle)
    topics.append(rng.integers(0, len(items), len(idle)))
    who, what = np.concatenate(askers), np.concatenate(topics)
    known = block.living[who]
    who, what = who[known], what[known]
    channels, outcomes = list(knobs.channels.values()), list(knobs.outcomes.values())
    day = month.first_day + rng.integers(0, month.days, len(who))
    pages.write(
        {
            "subject": who,
            "item": what,
            "channel": rng.choice(len(channels), size=len(who), p=np.array(channels) / sum(channels)),
            "outcome": rng.choice(len(outcomes), size=len(who), p=np.array(outcomes) / sum(outcomes)),
            "at": moment(day, rng.random(len(who))),
        }
    )


def consultations(block: Block, pages: Pages, items: Sequence[Item], end: int) -> pl.DataFrame:
    """The consultation table of a block; the topic is a theme, the place the subject's district."""
    schema = dict.fromkeys(("subject", "item", "channel", "outcome", "at"), pl.Int64)
    frame = pages.frame(schema).filter(pl.col("at") <= end)
    knobs = block.setting.world.consultations
    rows = frame["subject"].to_numpy()
    themes = pl.Series([theme_of(item) for item in items])
    return frame.with_columns(
        pl.Series("id", record_ids(block, "q-", frame.height)),
        pl.Series("subject", subject_ids(block.setting.seed, block.kind, block.first_index + rows)),
        pl.lit(themes).gather(pl.col("item").cast(pl.UInt32)).alias("topic"),
        pl.lit(pl.Series(list(knobs.channels))).gather(pl.col("channel").cast(pl.UInt32)).alias("channel"),
        pl.lit(pl.Series(list(knobs.outcomes))).gather(pl.col("outcome").cast(pl.UInt32)).alias("outcome"),
        _districts(block, rows).alias("place"),
        pl.col("at").cast(MOMENT),
    ).filter(pl.Series(block.remaining[rows]))


def _districts(block: Block, rows: Ints) -> pl.Series:
    state = block.subjects
    name = "residence_district" if "residence_district" in state.columns else "_district"
    if name not in state.columns:
        return pl.Series([None] * len(rows), dtype=pl.String)
    return state.types[name].series(state.columns[name][rows])
