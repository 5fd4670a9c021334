"""What is asked of subjects: invitations, what consultations were answered with, hand-overs to the portal."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, String, Table
from sqlalchemy import UniqueConstraint as Unique

from records.tables.columns import METADATA, Counter, Document, UtcDateTime, one_of
from records.tables.vocabulary import CALL_BACK_OUTCOMES, INVITATION_STATUSES

invitation = Table(
    "invitation",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("subject", ForeignKey("subject.id"), nullable=False),
    Column("scope_item", ForeignKey("scope_item.id"), nullable=False),
    Column("item", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("status", String, nullable=False),
    Column("suggested_on", Date, nullable=False),
    Column("agreed_on", Date, doc="The subject's own date."),
    Column("reason_code", String, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("opens_on", Date, doc="No date before this day can be agreed on."),
    Column("due_on", Date, doc="The last day of the duty or right; null where there is none."),
    Column("valid_to", Date, doc="The last day it can be accepted, and be agreed on for."),
    Column("tight", Boolean, doc="The usual time for papers did not fit before the last day."),
    Column("provisional", Boolean, doc="Rests on a holiday calendar not yet published."),
    Column("key", String, doc="The message it was told by last."),
    Column("delivered_at", UtcDateTime, doc="When it was first put before the subject."),
    Column("completed_by", String, doc="The case that completed it; null where the subject said so."),
    one_of("status", INVITATION_STATUSES),
    Unique("scope_item", "item", "cycle"),
    Index(None, "subject"),
    Index(None, "status", "valid_to"),
)

invitation_report = Table(
    "invitation_report",
    METADATA,
    Column("on", Date, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("report", Document, nullable=False, doc="Counts and rates, those that rest on a few left out."),
)

call_back = Table(
    "call_back",
    METADATA,
    Column("consultation", ForeignKey("consultation.id"), primary_key=True),
    Column("outcome", String, nullable=False),
    Column("items", Document, nullable=False, doc="What the bundle spoke of."),
    Column("key", String, doc="The message it was sent as."),
    Column("at", UtcDateTime, nullable=False),
    one_of("outcome", CALL_BACK_OUTCOMES),
)

hand_over = Table(
    "hand_over",
    METADATA,
    Column("id", String, primary_key=True, doc="Used once; the portal refuses it a second time."),
    Column("subject", ForeignKey("subject.id"), nullable=False, index=True),
    Column("scope_item", ForeignKey("scope_item.id"), nullable=False),
    Column("item", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("portal", String, nullable=False, doc="For whom it was signed."),
    Column("started_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    CheckConstraint("expires_at > started_at", name="limit"),
    Index(None, "scope_item", "item", "cycle"),
)
