"""Two standings files of the same subjects beside each other, on columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from models.recommendation import Standing
from pipelines.difference.worth_telling import GAINED, KEY, worth_telling

FACTS: Final = ("opens_on", "due_on", "ready", "missing", "reason_code")
"""What may change of a message that stays the same one."""
HAD: Final = (Standing.CAN_DO, Standing.SHOULD_DO, Standing.IN_PROGRESS, Standing.DONE)
"""Whoever stood so has not newly come to have a right."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What there is to tell, and to take back, of some subjects."""

    tell: pl.DataFrame
    """Rows of `worth_telling`: new, or the same with other facts."""
    untell: pl.DataFrame
    """`KEY` columns, and `because`: `done`, or `untrue`."""

    @property
    def subjects(self) -> pl.Series:
        """Whom they concern, in order."""
        return pl.concat([self.tell["subject"], self.untell["subject"]]).unique().sort()


def changes(before: pl.DataFrame, now: pl.DataFrame, catalogue: Catalogue) -> Changes:
    """What changed from one file to the next.

    What is due is told when it enters; what is gained is told only to subjects who were there before, and
    had it in no form then. Told of twice is nothing: the same files yield nothing.
    """
    old, new = worth_telling(before, catalogue), worth_telling(now, catalogue)
    entered = new.join(old.select(KEY), on=KEY, how="anti", maintain_order="left")
    left = old.join(new.select(KEY), on=KEY, how="anti", maintain_order="left")
    stayed = new.filter(pl.col("urgency") != GAINED).join(
        old.select(*KEY, *(pl.col(name).alias(f"{name}_before") for name in FACTS)), on=list(KEY)
    )
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in FACTS)
    told = [entered.filter(pl.col("urgency") != GAINED), _gained(entered, before)]
    told.append(stayed.filter(differs).select(new.columns))
    return Changes(pl.concat(told).sort(KEY), _ended(left, now))


def whole(now: pl.DataFrame, catalogue: Catalogue) -> Changes:
    """All that is due, as if nothing had been told: for where it is not known what was."""
    due = worth_telling(now, catalogue).filter(pl.col("urgency") != GAINED)
    return Changes(due.sort(KEY), _ended(due.clear(), now))


def _gained(entered: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    pair = ["subject", "scope_item", "item"]
    had = before.filter(pl.col("standing").is_in([each.value for each in HAD])).select(pair).unique()
    mine = entered.filter(pl.col("urgency") == GAINED)
    known = before.select("subject").unique()
    return mine.join(known, on="subject", how="semi").join(had, on=pair, how="anti")


def _ended(left: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    turn = ["subject", "scope_item", "item", "cycle"]
    standing = now.select(*turn, pl.col("standing").alias("now")).unique(turn, keep="first")
    because = pl.when(pl.col("now") == Standing.DONE).then(pl.lit("done")).otherwise(pl.lit("untrue"))
    ended = left.select(KEY).join(standing, on=turn, how="left")
    return ended.select(*KEY, because.alias("because")).sort(KEY)
