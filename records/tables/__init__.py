"""The tables of the records, by noun; `METADATA` knows them all."""

from __future__ import annotations

from records.tables.asking import call_back, hand_over, invitation, invitation_report
from records.tables.audit import audit, audit_head, audit_key, audit_view
from records.tables.behaviour import consultation, interaction, rating
from records.tables.campaigns import audience_preview, campaign, campaign_member
from records.tables.choices import (
    consent_question,
    deleted_tag,
    erasure,
    erasure_receipt,
    privacy_request,
    recommendation_choice,
    reminder_choice,
)
from records.tables.columns import METADATA, UtcDateTime
from records.tables.delivering import deliverer, delivery_channel
from records.tables.identity import (
    agent_grant,
    appointment,
    departure,
    discretion,
    login,
    opening,
    presence,
    session,
    sign_in,
)
from records.tables.ingestion import ingest_batch, quarantine
from records.tables.intake import arrival, case_report, dead_letter
from records.tables.matters import case, consent, evidence
from records.tables.messages import delivery, inbox, outbox
from records.tables.scoring import difference_part, difference_run, package_change, package_snapshot
from records.tables.subjects import WHOLE, identity, minor, relation, scope_item, subject
from records.tables.telling import code_sent, contact, contact_check, pace, subscription

__all__ = [
    "METADATA",
    "WHOLE",
    "UtcDateTime",
    "agent_grant",
    "appointment",
    "arrival",
    "audience_preview",
    "audit",
    "audit_head",
    "audit_key",
    "audit_view",
    "call_back",
    "campaign",
    "campaign_member",
    "case",
    "case_report",
    "code_sent",
    "consent",
    "consent_question",
    "consultation",
    "contact",
    "contact_check",
    "dead_letter",
    "deleted_tag",
    "deliverer",
    "delivery",
    "delivery_channel",
    "departure",
    "difference_part",
    "difference_run",
    "discretion",
    "erasure",
    "erasure_receipt",
    "evidence",
    "hand_over",
    "identity",
    "inbox",
    "ingest_batch",
    "interaction",
    "invitation",
    "invitation_report",
    "login",
    "minor",
    "opening",
    "outbox",
    "pace",
    "package_change",
    "package_snapshot",
    "presence",
    "privacy_request",
    "quarantine",
    "rating",
    "recommendation_choice",
    "relation",
    "reminder_choice",
    "scope_item",
    "session",
    "sign_in",
    "subject",
    "subscription",
]
