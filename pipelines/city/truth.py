"""What really happened and why, written apart under `truth/` and read by evaluation alone.

truth/events.parquet        subject, scope_item, event, at, began, hidden, catalogue_event: every event,
                            `began` the day it became foreseeable (its first sign), `at` the day itself,
                            `hidden` where no authority's register ever shows it
truth/tastes.parquet        subject, prototype: the hidden taste
truth/prototypes.parquet    kind, prototype, factors (list)
truth/tilts.parquet         kind, trait, weights (list, one a prototype): log odds a trait adds
truth/items.parquet         kind, scope, item, base, factors (list), traits (list), season (list of 12)
truth/examination.parquet   position, probability
truth/expected_use.parquet  subject, scope_item, item, eligible, omniscient, visible, used: as the first of
                            the held-out months (the last `truth.horizon_months`) begins, the probability
                            of at least one case in them, and whether there was one. `omniscient` knows
                            taste, activity, pending intents and begun events. `visible` knows what a model
                            may: traits, the log, cases, what registers had told by then, and the world's
                            own parameters; taste is the exact posterior over prototypes, pending intents
                            a forward filter of looks and cases, hidden events are weighed by what was
                            looked at (each event by itself). Ranking a subject's eligible pairs by
                            `visible` is the best ranking possible given what a model may see, up to that
                            factorisation; it assumes consent to ranking. Only for `truth.scored_subjects`.
truth/reminders.parquet     for eligible pairs: latent response to a reminder, probabilities of use with
                            and without one, and both potential outcomes (`used_without` is what happened)
truth/slates.parquet        slate, scope_item, item, base_rank, candidates: what the logging policy knew

The log rate of a pair is `base + traits . weights + factors(prototype) . factors(item)`; needs of
events add to it. See `pipelines.city.demand` for the whole sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from catalog.catalogue import Item
from pipelines.city import records
from pipelines.city.block import Block
from pipelines.city.demand import Geometry
from pipelines.city.identities import item_ids, record_ids, subject_ids
from pipelines.city.journal import Journal
from pipelines.city.life import Happening
from pipelines.city.reminding import potential_outcomes
from pipelines.city.scope_state import day_number
from pipelines.city.tables import TableWriter
from pipelines.city.visibility import tells
from pipelines.city.world import months_before

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

    def write(self, writer: TableWriter, happened: Sequence[Happening], journal: Journal) -> None:
        """Write the block's truth; what concerns the whole city is written with its first block."""
        writer.write("truth/events", self._events(happened))
        writer.write("truth/tastes", self._tastes())
        writer.write("truth/slates", self._slates(journal))
        if self.block.number == 0:
            self._city(writer)

    def write_expectations(
        self, writer: TableWriter, scored: Sequence[pl.DataFrame], cases: pl.DataFrame
    ) -> None:
        """Write what was expected of the held-out months, and what came of it."""
        world = self.block.setting.world
        cut = months_before(self.block.setting.log_from, world.truth.horizon_months - world.months_history)
        later = cases.filter(pl.col("opened_at").dt.date() >= cut).select("scope_item", "item").unique()
        for frame in scored:
            joined = frame.join(later.with_columns(used=pl.lit(True)), on=["scope_item", "item"], how="left")
            expected = joined.with_columns(pl.col("used").fill_null(value=False))
            writer.write("truth/expected_use", expected)
            open_to = expected.filter("eligible")
            writer.write("truth/reminders", potential_outcomes(self.block.setting, open_to))

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
                    hidden=pl.lit(not tells(block.setting, what.name)),
                    catalogue_event=pl.lit(event.event, dtype=pl.String),
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
