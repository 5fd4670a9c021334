"""Campaigns, as operators' programs read and write them: counts alone, never a subject."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from catalog.vocabulary import Names, SubjectKind
from records.audience_previews import Preview
from records.campaigns import STAGES, Campaign, Draft
from records.tables.vocabulary import CampaignState
from serving.api.schema import AnswerSchema, NamesSchema, RequestSchema

Condition = Annotated[str, Field(min_length=1, max_length=2000)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1, strict=False)]


class WordsSchema(RequestSchema):
    """Plain words in both languages."""

    zh: Text
    en: Text

    def names(self) -> Names:
        """As the catalogue keeps names."""
        return Names(zh=self.zh, en=self.en)


class AudienceSchema(RequestSchema):
    """Whom something is meant for: a condition over attributes of subjects of one kind themselves."""

    kind: Annotated[SubjectKind, Field(strict=False)]
    audience: Condition


class DraftSchema(AudienceSchema):
    """What is to be told to whom. `hold_out` is the share that is told nothing; of a duty it is 0."""

    item: Text
    names: WordsSchema
    reason: WordsSchema
    stages: Annotated[list[Share], Field(min_length=1, max_length=10, default_factory=lambda: list(STAGES))]
    hold_out: Share = 0.0

    def draft(self) -> Draft:
        """The draft. Raises CampaignRefused."""
        return Draft(
            kind=self.kind,
            item=self.item,
            audience=self.audience,
            names=self.names.names(),
            reason=self.reason.names(),
            stages=tuple(self.stages),
            hold_out=self.hold_out,
        )


class StageSchema(RequestSchema):
    """Which stage may be sent now, from 1."""

    stage: Annotated[int, Field(ge=1, le=10)]


class PreviewSchema(AnswerSchema):
    """An audience asked for and, once counted, how many: in whole tens, null where too few to be told."""

    id: str
    kind: SubjectKind
    audience: str
    counted_at: dt.datetime | None
    on: dt.date | None
    people: int | None
    reached: int | None

    @classmethod
    def of(cls, one: Preview) -> PreviewSchema:
        """The schema of a preview."""
        return cls.model_validate(one, from_attributes=True, extra="ignore")


class CampaignSchema(AnswerSchema):
    """A campaign as it stands. `released` of its `stages` may be sent, `sent` have been sent whole."""

    id: str
    kind: SubjectKind
    item: str
    audience: str
    names: NamesSchema
    reason: NamesSchema
    stages: list[float]
    hold_out: float
    state: CampaignState
    released: int
    sent: int
    created_by: str
    created_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    stopped_by: str | None
    stopped_at: dt.datetime | None

    @classmethod
    def of(cls, one: Campaign) -> CampaignSchema:
        """The schema of a campaign."""
        draft = one.draft
        life = ("id", "state", "released", "sent", "created_by", "created_at", "approved_by", "approved_at")
        return cls(
            kind=draft.kind,
            item=draft.item,
            audience=draft.audience,
            names=NamesSchema.of(draft.names),
            reason=NamesSchema.of(draft.reason),
            stages=list(draft.stages),
            hold_out=draft.hold_out,
            **{name: getattr(one, name) for name in (*life, "stopped_by", "stopped_at")},
        )


class CampaignsSchema(AnswerSchema):
    """Every campaign, the latest first."""

    campaigns: list[CampaignSchema]


class StoppedSchema(AnswerSchema):
    """A campaign that was stopped, and how many messages did not go out: in whole tens, null for a few."""

    campaign: CampaignSchema
    cancelled: int | None


class FunnelSchema(AnswerSchema):
    """What came of a campaign by arm, null where too few; `uplift` of completions over the hold-out."""

    campaign: str
    counted_at: dt.datetime | None
    arms: dict[str, dict[str, int | None]]
    uplift: dict[str, float] | None

    @classmethod
    def of(cls, one: Campaign) -> FunnelSchema:
        """The schema of what was counted; nothing in it before anything was."""
        found: dict[str, Any] = dict(one.funnel or {"arms": {}, "uplift": None})
        return cls(campaign=one.id, counted_at=one.counted_at, arms=found["arms"], uplift=found["uplift"])
