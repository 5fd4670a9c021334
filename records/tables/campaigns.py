"""Campaigns: whom an operator wants to reach with what, who approved it, who is in it, what came of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Float, ForeignKey, Index, Integer, String, Table

from records.tables.columns import METADATA, Document, UtcDateTime, one_of
from records.tables.vocabulary import CAMPAIGN_ARMS, CAMPAIGN_STATES, SUBJECT_KINDS

campaign = Table(
    "campaign",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False, doc="The kind of subjects it is for."),
    Column("item", String, nullable=False),
    Column("audience", String, nullable=False, doc="A condition over attributes of subjects themselves."),
    Column("names_zh", String, nullable=False),
    Column("names_en", String, nullable=False),
    Column("reason_zh", String, nullable=False),
    Column("reason_en", String, nullable=False),
    Column("stages", Document, nullable=False, doc="Shares of the audience, each beyond the last, up to 1."),
    Column("released", Integer, nullable=False, doc="How many stages may be sent."),
    Column("sent", Integer, nullable=False, doc="How many stages have been sent whole."),
    Column("hold_out", Float, nullable=False, doc="The share that is told nothing, to compare with."),
    Column("state", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("approved_by", String),
    Column("approved_at", UtcDateTime),
    Column("stopped_by", String),
    Column("stopped_at", UtcDateTime),
    Column("funnel", Document, doc="What came of it, less what rests on a few; null until counted."),
    Column("counted_at", UtcDateTime),
    one_of("kind", SUBJECT_KINDS),
    one_of("state", CAMPAIGN_STATES),
    CheckConstraint("approved_by <> created_by", name="two_people"),
    CheckConstraint("state = 'draft' OR state = 'stopped' OR approved_by IS NOT NULL", name="approval"),
    CheckConstraint("hold_out >= 0 AND hold_out <= 0.5", name="hold_out"),
    CheckConstraint("sent <= released", name="stages"),
)

campaign_member = Table(
    "campaign_member",
    METADATA,
    Column("campaign", ForeignKey("campaign.id"), primary_key=True),
    Column("subject", ForeignKey("subject.id"), primary_key=True, index=True),
    Column("arm", String, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False, doc="When it was told, or would have been."),
    Column("key", String, doc="The message it was told by."),
    one_of("arm", CAMPAIGN_ARMS),
)

audience_preview = Table(
    "audience_preview",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("audience", String, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("on", Date, doc="As of which day it was counted; null until it was."),
    Column("people", Integer, doc="How many may be counted, in whole tens; null where too few."),
    Column(
        "reached", Integer, doc="How many of them are in the audience, in whole tens; null where too few."
    ),
    Column("counted_at", UtcDateTime),
    one_of("kind", SUBJECT_KINDS),
    Index(None, "kind", "asked_at"),
)
