"""What counts and plans may rest on: everything through the mask for `aggregate`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.public_service import PublicService
from catalog.vocabulary import Scope, SubjectKind
from features.schema import MaskedRecordTables, MaskedTable, PurposeName, RecordTables
from features.snapshot import snapshot
from features.statements import AttributeHistory, end_of
from privacy.consent import granted_pairs
from privacy.mask import mask_matters, mask_records, mask_table
from privacy.purposes import evidence_target
from records.bulk import read_rows
from records.consents import consents_table
from records.database import open_records, reading
from records.populations import record_tables
from records.settings import Settings
from records.tables import invitation

PURPOSE: Final[PurposeName] = "aggregate"
DISTRICT: Final = "residence_district"
UNKNOWN: Final = "unknown"
"""The district of whoever's is not told."""


@dataclass(frozen=True)
class Held:
    """One kind of subject: the records until a day as planning may see them."""

    kind: SubjectKind
    catalogue: Catalogue
    history: AttributeHistory
    on: dt.date
    raw: RecordTables
    consents: pl.DataFrame
    records: MaskedRecordTables
    invitations: pl.DataFrame
    scale: float
    """Subjects there are for each one seen: what is counted stands for so many."""

    def table(self, day: dt.date, scope: Scope) -> MaskedTable:
        """The attributes of all scope items of a kind as known at a day's end."""
        known = snapshot(self.history, self.kind, scope, day, self.raw.scope_items)
        return mask_table(known, PURPOSE, self.consents, self.catalogue, end_of(self.on))

    def districts(self) -> pl.DataFrame:
        """subject, district: as told last."""
        frame = self.table(self.on, Scope.SELF).frame
        told = pl.col(DISTRICT).fill_null(UNKNOWN) if DISTRICT in frame.columns else pl.lit(UNKNOWN)
        return frame.select("subject", told.alias("district"))

    @property
    def owners(self) -> pl.DataFrame:
        """scope_item, subject."""
        items = self.records.scope_items
        return items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))


def authority_of(item: str, catalogue: Catalogue) -> str:
    """Who handles an item."""
    found = catalogue.items[item]
    return found.authority if isinstance(found, PublicService) else found.issuer


def read_held(settings: Settings, catalogue: Catalogue, on: dt.date) -> list[Held]:
    """Both kinds of subject, read in one transaction."""
    history = AttributeHistory(settings.attributes_path, catalogue)
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            raw = {kind: record_tables(connection, kind) for kind in SubjectKind}
            consents = {kind: consents_table(connection, kind) for kind in SubjectKind}
            made = read_rows(connection, invitation.select())
    finally:
        engine.dispose()
    return [_held(kind, catalogue, history, on, raw[kind], consents[kind], made) for kind in SubjectKind]


def _held(
    kind: SubjectKind,
    catalogue: Catalogue,
    history: AttributeHistory,
    on: dt.date,
    raw: RecordTables,
    consents: pl.DataFrame,
    invitations: pl.DataFrame,
) -> Held:
    masked = mask_records(raw, PURPOSE, consents, catalogue, end_of(on))
    everyone = raw.scope_items.filter(pl.col("scope") == Scope.SELF)["owner"].n_unique()
    # Whoever opened their ordinary papers to statistics is seen with all their ordinary cases.
    opened = granted_pairs(consents, PURPOSE, end_of(on)).filter(
        pl.col("target") == evidence_target("ordinary")
    )
    seen = opened["subject"].n_unique()
    own = mask_matters(invitations, masked, consents, catalogue, end_of(on))
    return Held(kind, catalogue, history, on, raw, consents, masked, own, everyone / max(seen, 1))
