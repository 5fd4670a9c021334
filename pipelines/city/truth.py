"""What really happened and why, written apart under `truth/` and read by evaluation alone.

truth/events.parquet        subject, scope_item, event, at, began, hidden, catalogue_event: every event,
                            `began` the day it became foreseeable (its first sign), `at` the day itself
truth/tastes.parquet        subject, prototype: the hidden taste
truth/prototypes.parquet    kind, prototype, factors (list)
truth/tilts.parquet         kind, trait, weights (list, one a prototype): log odds a trait adds
truth/items.parquet         kind, scope, item, base, factors (list), traits (list), season (list of 12)
truth/examination.parquet   position, probability
truth/slates.parquet        slate, scope_item, item, base_rank, candidates: what the logging policy knew

The log rate of a pair is `base + traits . weights + factors(prototype) . factors(item)`; needs of
events add to it. See `pipelines.city.demand` for the whole sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from catalog.catalogue import Item
from pipelines.city import records
from pipelines.city.block import Block
from pipelines.city.demand import Demanded, Geometry, People
from pipelines.city.identities import item_ids, record_ids, subject_ids
from pipelines.city.journal import Journal
from pipelines.city.life import Happening, Month
from pipelines.city.scope_state import day_number
from pipelines.city.tables import TableWriter
from pipelines.city.wants import Wants

SLATES: dict[str, Any] = {
    "slate": pl.Int64, "candidates": pl.Int64, "base_rank": pl.Int64, "scope": pl.Int64, "row": pl.Int64,
    "item": pl.Int64,
}  # fmt: skip

EVENTS: dict[str, Any] = {
    "subject": pl.String, "scope_item": pl.String, "event": pl.String, "at": pl.Date, "began": pl.Date,
    "hidden": pl.Boolean, "catalogue_event": pl.String,
}  # fmt: skip


@dataclass(slots=True)
class Truth:
    """The truth of one block."""

    block: Block
    geometry: Geometry
    items: tuple[Item, ...]
    scopes: tuple[str, ...]

    def before(self, month: Month, wants: Wants, demanded: Mapping[str, Demanded], who: People) -> None:
        """Look at a month before anybody acts in it."""

    def write(
        self, writer: TableWriter, happened: Sequence[Happening], journal: Journal, cases: pl.DataFrame
    ) -> None:
        """Write the block's truth; what concerns the whole city is written with its first block."""
        writer.write("truth/events", self._events(happened))
        writer.write("truth/tastes", self._tastes())
        writer.write("truth/slates", self._slates(journal))
        if self.block.number == 0:
            self._city(writer)

    def _events(self, happened: Sequence[Happening]) -> pl.DataFrame:
        block = self.block
        end = day_number(block.setting.as_of)
        frames = []
        for what in happened:
            event = block.setting.world.events[what.name]
            known = block.remaining[block.states[what.scope].owner[what.rows]] & (what.began <= end)
            rows = what.rows[known]
            owner = block.states[what.scope].owner[rows]
            frames.append(
                pl.DataFrame(
                    {
                        "subject": subject_ids(block.setting.seed, block.kind, block.first_index + owner),
                        "scope_item": item_ids(block, what.scope, rows),
                        "event": np.full(len(rows), what.name),
                        "at": pl.Series(what.days[known]).cast(pl.Int32).cast(pl.Date),
                        "began": pl.Series(what.began[known]).cast(pl.Int32).cast(pl.Date),
                    }
                ).with_columns(
                    hidden=pl.lit(event.hidden), catalogue_event=pl.lit(event.event, dtype=pl.String)
                )
            )
        return pl.concat([pl.DataFrame(schema=EVENTS), *frames])

    def _tastes(self) -> pl.DataFrame:
        block = self.block
        rows = np.flatnonzero(block.remaining)
        taste = block.taste if block.taste is not None else np.zeros(block.subjects.rows, dtype=np.int64)
        ids = subject_ids(block.setting.seed, block.kind, block.first_index + rows)
        return pl.DataFrame({"subject": ids, "prototype": taste[rows]})

    def _slates(self, journal: Journal) -> pl.DataFrame:
        block = self.block
        frame = journal.slates.frame(SLATES)
        names = pl.Series(record_ids(block, "l-", journal.slate_count or 1))
        scope, rows = frame["scope"].to_numpy(), frame["row"].to_numpy()
        return frame.select(
            pl.lit(names).gather(pl.col("slate").cast(pl.UInt32)).alias("slate"),
            pl.Series("scope_item", records.names_of(block, self.scopes, scope, rows)),
            pl.lit(pl.Series([item.id for item in self.items]))
            .gather(pl.col("item").cast(pl.UInt32))
            .alias("item"),
            "base_rank",
            "candidates",
        )

    def _city(self, writer: TableWriter) -> None:
        kind, tastes = str(self.block.kind), self.geometry.tastes
        for scope, weights in self.geometry.weights.items():
            ids = [item.id for item in self.block.setting.catalogue.items_for(self.block.kind, scope)]  # type: ignore[arg-type]
            if ids:
                writer.write(
                    "truth/items",
                    pl.DataFrame(
                        {
                            "kind": [kind] * len(ids), "scope": [scope] * len(ids), "item": ids,
                            "base": weights.base, "factors": weights.factors.tolist(),
                            "traits": weights.traits.T.tolist(), "season": weights.season.T.tolist(),
                        }
                    ),
                )  # fmt: skip
        writer.write(
            "truth/prototypes",
            pl.DataFrame(
                {
                    "kind": [kind] * len(tastes.prototypes),
                    "prototype": range(len(tastes.prototypes)),
                    "factors": tastes.prototypes.tolist(),
                }
            ),
        )
        writer.write(
            "truth/tilts",
            pl.DataFrame(
                {
                    "kind": [kind] * len(tastes.traits),
                    "trait": list(tastes.traits),
                    "weights": tastes.tilt.tolist(),
                }
            ),
        )
        if kind == "citizen":
            looks = self.block.setting.world.slates.examination
            writer.write(
                "truth/examination",
                pl.DataFrame({"position": range(1, len(looks) + 1), "probability": looks}),
            )
