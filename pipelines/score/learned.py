"""What the exported affinity says of some subjects: one product for all of them, of what they let be known.

It shapes nothing but the order of the file, which is read to tell people unasked. So it rests on no more than
both ranking and reminders may know: a consent counts where it was given to the one and to the other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from sqlalchemy import Connection

from catalog.vocabulary import Scope, SubjectKind
from features.schema import MaskedRecordTables, PurposeName, RecordTables
from features.snapshot import snapshot
from features.statements import end_of
from features.transforms import traits
from models.affinity.dataset import SubjectBatch
from models.affinity.linear import LinearAffinity
from models.affinity.profile_batch import EPOCH, indicators_of
from models.life_event_forecast.labels import closed_list
from pipelines.score.ground import PURPOSE, Rules
from pipelines.train.affinity_data import coded, interactions, taken_up
from privacy.consent import granted_pairs
from privacy.mask import mask_records, mask_table
from privacy.tag_columns import records_without_tags, table_without_tags
from records.bulk import rows_with_keys
from records.choices import personalised_among
from records.deleted_tags import deleted_tags_table
from records.partitions import Slice, slice_of
from records.tables import interaction

RANK: Final[PurposeName] = "rank"
SCHEMA: Final = {"subject": pl.String(), "item": pl.String(), "affinity": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Rankable:
    """Some subjects of one kind who let ranking and reminders know something, and what both may know."""

    rules: Rules
    records: MaskedRecordTables
    deleted: pl.DataFrame
    consents: pl.DataFrame
    things: RecordTables

    def scores(self, model: LinearAffinity) -> pl.DataFrame:
        """`subject, item, affinity`, higher is better: a row for each subject and item of the model."""
        rules, on = self.rules, self.rules.on
        kind = self.things.kind
        known = snapshot(rules.history, kind, Scope.SELF, on, self.things.scope_items)
        seen = mask_table(known, RANK, self.consents, rules.catalogue, end_of(on))
        told = traits(table_without_tags(seen, self.deleted, rules.catalogue), rules.catalogue, on)
        told = told.join(self.consents.select("subject").unique(), on="subject", how="semi").sort("subject")
        subjects = told["subject"]
        history = interactions(taken_up(self.records), subjects, model.items)
        day = float((on - EPOCH.date()).days)
        batch = SubjectBatch(
            coded(indicators_of(model), told), history, model.items, np.full(len(subjects), day)
        )
        return pl.DataFrame(
            {
                "subject": np.repeat(subjects.to_numpy(), len(model.items)),
                "item": np.tile(np.array(model.items, dtype=object), len(subjects)),
                "affinity": model.scores(batch).astype(np.float64).ravel(),
            },
            schema=SCHEMA,
        )


def affinities(
    connection: Connection, kind: SubjectKind, rules: Rules, held: Slice, ids: pl.Series
) -> pl.DataFrame:
    """`subject, item, affinity` of those of the subjects whose order may be learned; none without a model."""
    model = rules.affinity.get(kind)
    found = None if model is None else rankable(connection, kind, rules, held, ids)
    return pl.DataFrame(schema=SCHEMA) if model is None or found is None else found.scores(model)


def rankable(
    connection: Connection, kind: SubjectKind, rules: Rules, held: Slice, ids: pl.Series
) -> Rankable | None:
    """Those of the subjects who let both know something and want recommendation; None for nobody."""
    at = end_of(rules.on)
    asked = slice_of(connection, kind, ids, RANK)
    both = _of_both(asked.consents, held.consents, at)
    wanting = personalised_among(connection, both["subject"].unique().to_list())
    consents = both.filter(pl.col("subject").is_in(sorted(wanting)))
    if consents.is_empty():
        return None
    own = consents.select("subject").unique()
    done = rows_with_keys(connection, interaction, own).filter(pl.col("at") <= at)
    unguessed = done.filter(~pl.col("item").is_in(sorted(closed_list().services)).fill_null(value=False))
    things = held.records
    tables = RecordTables(
        kind=kind,
        scope_items=things.scope_items.join(own, left_on="owner", right_on="subject", how="semi"),
        evidence=things.evidence,
        cases=things.cases.filter(pl.col("opened_at") <= at),
        interactions=unguessed,
        relations=things.relations,
    )
    deleted = deleted_tags_table(connection, kind).join(own, on="subject", how="semi")
    seen = mask_records(tables, RANK, consents, rules.catalogue, at)
    return Rankable(rules, records_without_tags(seen, deleted, rules.catalogue), deleted, consents, tables)


def _of_both(rank: pl.DataFrame, remind: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """The consents to ranking whose target reminders may know too."""
    pairs = granted_pairs(rank, RANK, at).join(
        granted_pairs(remind, PURPOSE, at), on=["subject", "target"], how="semi"
    )
    return rank.join(pairs, on=["subject", "target"], how="semi")
