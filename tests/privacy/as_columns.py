"""What is held of a few people and what they consented to, as the columns that a population is masked in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from catalog.vocabulary import SubjectKind
from features.schema import Profile, RecordTables
from privacy.consent import Consent

UTC = pl.Datetime("us", "UTC")


def consents_as_columns(said: Sequence[Consent]) -> pl.DataFrame:
    columns = ("subject", "purpose", "target", "granted_at", "withdrawn_at", "text_version")
    return _frame(columns, [[getattr(one, name) for name in columns] for one in said])


def records_as_columns(people: Sequence[Profile], kind: SubjectKind = SubjectKind.CITIZEN) -> RecordTables:
    items = [item for one in people for item in one.scope_items]
    return RecordTables(
        kind,
        scope_items=_frame(("id", "scope", "owner"), [[i.id, str(i.scope), i.owner] for i in items]),
        evidence=_frame(
            ("id", "scope_item", "type"), [[p.id, p.scope_item, p.type] for i in items for p in i.evidence]
        ),
        cases=_frame(
            ("id", "scope_item", "item"), [[c.id, c.scope_item, c.item] for i in items for c in i.cases]
        ),
        interactions=_frame(
            ("client_id", "subject", "item", "scope_item"),
            [[d.client_id, one.subject, d.item, d.scope_item] for one in people for d in one.interactions],
        ),
        relations=_frame(("subject", "kind"), [[r.subject, r.kind] for one in people for r in one.relations]),
        consultations=_frame(
            ("id", "subject", "topic"),
            [[a.id, one.subject, a.topic] for one in people for a in one.consultations],
        ),
        ratings=_frame(("subject", "item"), [[one.subject, r.item] for one in people for r in one.ratings]),
    )


def _frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    schema = {name: UTC if name.endswith("_at") else pl.String for name in columns}
    return pl.DataFrame(rows, schema=schema, orient="row")
