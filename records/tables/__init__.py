"""The tables of the records, by noun; `METADATA` knows them all."""

from __future__ import annotations

from records.tables.audit import audit
from records.tables.behaviour import consultation, interaction, rating
from records.tables.columns import METADATA, UtcDateTime
from records.tables.ingestion import ingest_batch, quarantine
from records.tables.matters import case, consent, evidence
from records.tables.messages import delivery, inbox, invitation, outbox
from records.tables.subjects import WHOLE, identity, relation, scope_item, subject

__all__ = [
    "METADATA",
    "WHOLE",
    "UtcDateTime",
    "audit",
    "case",
    "consent",
    "consultation",
    "delivery",
    "evidence",
    "identity",
    "inbox",
    "ingest_batch",
    "interaction",
    "invitation",
    "outbox",
    "quarantine",
    "rating",
    "relation",
    "scope_item",
    "subject",
]
