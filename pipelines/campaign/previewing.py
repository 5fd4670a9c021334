"""Counting audiences: how many, told only where neither the count nor its difference to others is small.

Those are counted who let themselves be reminded and counted by what the rule reads. What was told of other
audiences of late is counted again beside the new one: where two would differ by a few, or all of them
together let a few be worked out, the new is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from features.schema import PurposeName
from pipelines.campaign.audience import Audiences, People
from privacy.aggregates import Counts, release
from privacy.combinations import gives_away
from privacy.steady import steadily, steady

REMIND: Final[PurposeName] = "remind"
AGGREGATE: Final[PurposeName] = "aggregate"
YES, NO = "yes", "no"


def counted(
    audiences: Audiences, population: Iterable[People], last_told: Mapping[str, int | None]
) -> tuple[int | None, int | None]:
    """How many may be counted, and how many of them the last rule holds of; in whole tens, None for a few.

    The rules before the last are those that were told before, the earliest first. `last_told` has the same
    two of this rule as told last, `people` and `reached`: a change of fewer than ten changes neither.
    """
    names = [str(place) for place in range(len(audiences.rules))]
    counts, alike = Counts(tuple(names)), []
    for page in population:
        both = _both(audiences, page, names)
        counts.add(both.select(_named(name) for name in names))
        alike.append(both.group_by(names).len())
    released = release(counts)
    last = names[-1]
    people = steadily(released, [(last, YES), (last, NO)], last_told, "people")
    safe = bool(alike) and not _gives_away(pl.concat(alike), names)
    reached = released.counts.get((last, YES), 0)
    may = safe and released.told([(last, YES)]) is not None
    return people, steady(reached, last_told, "reached", may=may)


def _gives_away(alike: pl.DataFrame, names: Sequence[str]) -> bool:
    """Whether the last count would let a few be worked out from all counts; `alike` is how many are alike."""
    cells = alike.group_by(names).agg(pl.col("len").sum())
    sets = cells.select(names).to_numpy().T.astype(np.bool_)
    return gives_away(sets[:-1], sets[-1], cells["len"].to_numpy().astype(np.int64))


def _both(audiences: Audiences, page: People, names: Sequence[str]) -> pl.DataFrame:
    """Who is in by what reminders know and by what counts know; a row for whoever both may know."""
    reminded = audiences.members(page, REMIND)
    open_ = audiences.members(page, AGGREGATE)
    joined = reminded.join(open_, on="subject", how="inner", suffix="_counted")
    return joined.select("subject", *(pl.col(name) & pl.col(f"{name}_counted") for name in names))


def _named(name: str) -> pl.Expr:
    return pl.when(pl.col(name)).then(pl.lit(YES)).otherwise(pl.lit(NO)).alias(name)
