"""A block's journal as rows of the ingest contract."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalogue import Item
from catalog.vocabulary import SubjectKind
from pipelines.city.block import Block
from pipelines.city.decisions import OPEN, STATUSES
from pipelines.city.identities import item_ids, record_ids, subject_ids
from pipelines.city.journal import CASES, INTERACTION_KINDS, INTERACTIONS, Journal, end_of_day
from pipelines.city.papers import FOREVER, Papers
from pipelines.city.randomness import Ints
from pipelines.city.scope_state import day_number
from pipelines.city.tables import MOMENT
from pipelines.city.wording import FORMS, queries

Words = npt.NDArray[np.str_]


def owners(block: Block, scopes: Sequence[str], scope: Ints, rows: Ints) -> Ints:
    """The owning subject's row of scope items of several scopes."""
    owner = np.zeros(len(rows), dtype=np.int64)
    for code in np.unique(scope):
        mine = scope == code
        owner[mine] = block.states[scopes[code]].owner[rows[mine]]
    return owner


def names_of(block: Block, scopes: Sequence[str], scope: Ints, rows: Ints) -> Words:
    """Ids of scope items of several scopes."""
    ids = np.full(len(rows), "", dtype="U18")
    for code in np.unique(scope):
        mine = scope == code
        ids[mine] = item_ids(block, scopes[code], rows[mine])
    return ids


def last_moment(block: Block) -> int:
    """The last microsecond of the simulated time: midnight in Beijing."""
    return end_of_day(day_number(block.setting.as_of))


def interactions(
    block: Block, journal: Journal, scopes: Sequence[str], items: Sequence[Item]
) -> pl.DataFrame:
    """The interaction table of a block, in the order of time."""
    frame = journal.interactions.frame(INTERACTIONS).filter(pl.col("at") <= last_moment(block))
    frame = frame.sort("at", maintain_order=True)
    scope, rows = frame["scope"].to_numpy().astype(np.int64), frame["row"].to_numpy()
    owner = owners(block, scopes, scope, rows)
    named = frame.select(
        pl.Series("client_id", record_ids(block, "i-", frame.height)),
        pl.Series("subject", subject_ids(block.setting.seed, block.kind, block.first_index + owner)),
        pl.Series("scope_item", names_of(block, scopes, scope, rows)),
        _named([item.id for item in items], "item"),
        _named(list(INTERACTION_KINDS), "kind"),
        pl.lit("online").alias("channel"),
        _words(items),
        _where_known("slate", pl.Series(record_ids(block, "l-", journal.slate_count or 1))),
        pl.when(pl.col("position") >= 0).then(pl.col("position")).alias("position"),
        pl.col("propensity").fill_nan(None),
        pl.col("at").cast(MOMENT),
    )
    # What is searched for in words is not yet an item: the log keeps the words, as a real one does.
    told = pl.when(pl.col("kind") != "search")
    named = named.with_columns(told.then(pl.col("scope_item")), told.then(pl.col("item")))
    return named.filter(pl.Series(block.remaining[owner]))


def _words(items: Sequence[Item]) -> pl.Expr:
    """What was typed into the search box."""
    wording = pl.lit(pl.Series(queries(items)))
    place = pl.when(pl.col("query") >= 0).then(pl.col("item") * FORMS + pl.col("query")).otherwise(0)
    words = wording.gather(place.cast(pl.UInt32))
    return pl.when(pl.col("query") >= 0).then(words).alias("query")


def _where_known(column: str, names: pl.Series) -> pl.Expr:
    """The names numbered in a column, null where it is below zero."""
    named = pl.lit(names).gather(pl.col(column).clip(0).cast(pl.UInt32))
    return pl.when(pl.col(column) >= 0).then(named).alias(column)


def cases(
    block: Block,
    journal: Journal,
    scopes: Sequence[str],
    items: Sequence[Item],
    channels: Sequence[str],
    first: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The case and rating tables of a block; a case decided after the end is open.

    `first` is how many cases of the block were named before.
    """
    end = last_moment(block)
    frame = journal.cases.frame(CASES).filter(pl.col("opened") <= end)
    scope, rows = frame["scope"].to_numpy().astype(np.int64), frame["row"].to_numpy()
    owner = owners(block, scopes, scope, rows)
    still = pl.col("closed") > end
    frame = frame.with_columns(
        pl.Series("id", record_ids(block, "k-", frame.height, first)),
        pl.Series("subject", subject_ids(block.setting.seed, block.kind, block.first_index + owner)),
        pl.Series("scope_item", names_of(block, scopes, scope, rows)),
        _named([item.id for item in items], "item"),
        _named(journal.cycles or [""], "cycle"),
        _named(list(channels), "channel"),
        pl.when(still).then(OPEN).otherwise(pl.col("status")).alias("status"),
        pl.when(~still).then(pl.col("closed")).cast(MOMENT).alias("closed_at"),
        pl.col("opened").cast(MOMENT).alias("opened_at"),
    ).with_columns(_named(list(STATUSES), "status"))
    frame = frame.filter(pl.Series(block.remaining[owner]))
    rated = frame.filter((pl.col("score") > 0) & pl.col("closed_at").is_not_null())
    ratings = rated.select(
        "subject", "item", pl.col("id").alias("case"), "score", pl.lit("online").alias("source"),
        (pl.col("closed_at") + pl.duration(hours=3)).alias("at"),
    ).filter(pl.col("at").cast(pl.Int64) <= end)  # fmt: skip
    return frame, ratings.unique(["subject", "item", "at"], maintain_order=True)


def _named(words: list[str], column: str) -> pl.Expr:
    return pl.lit(pl.Series(words)).gather(pl.col(column).cast(pl.UInt32)).alias(column)


def evidence(block: Block, papers: Papers, scopes: Sequence[str]) -> pl.DataFrame:
    """The evidence table of a block. What is good for ever has no last day."""
    schema = dict.fromkeys(("scope", "row", "type", "from", "to", "upload"), pl.Int64)
    frame = papers.pages.frame(schema).filter(pl.col("from") <= day_number(block.setting.as_of))
    scope, rows = frame["scope"].to_numpy(), frame["row"].to_numpy()
    owner = owners(block, scopes, scope, rows)
    return frame.with_columns(
        pl.Series("id", record_ids(block, "v-", frame.height)),
        pl.Series("scope_item", names_of(block, scopes, scope, rows)),
        _named(list(papers.types), "type"),
        pl.col("from").cast(pl.Int32).cast(pl.Date).alias("valid_from"),
        pl.when((pl.col("to") < int(FOREVER)) & (pl.col("to") >= pl.col("from")))
        .then(pl.col("to").cast(pl.Int32).cast(pl.Date))
        .alias("valid_to"),
        pl.when(pl.col("upload") == 1).then(pl.lit("upload")).otherwise(pl.lit("authority")).alias("source"),
    ).filter(pl.Series(block.remaining[owner]))


def subjects(block: Block) -> pl.DataFrame:
    """The subjects who are still there at the end."""
    rows = np.flatnonzero(block.remaining)
    ids = subject_ids(block.setting.seed, SubjectKind(block.kind), block.first_index + rows)
    return pl.DataFrame({"subject": ids, "kind": np.full(len(rows), str(block.kind))})


def scope_items(block: Block) -> pl.DataFrame:
    """Every scope item that came to be before the end, of those still there."""
    frames = []
    end = day_number(block.setting.as_of)
    for scope, state in block.states.items():
        rows = np.flatnonzero(block.remaining[state.owner] & (state.born <= end))
        frames.append(
            pl.DataFrame(
                {
                    "id": item_ids(block, scope, rows),
                    "scope": np.full(len(rows), scope),
                    "owner": subject_ids(
                        block.setting.seed, block.kind, block.first_index + state.owner[rows]
                    ),
                    "label": pl.Series([state.labels[row] for row in rows], dtype=pl.String),
                }
            )
        )
    return pl.concat([frame for frame in frames if frame.height])
