"""What a what-if question supposes, and what it is answered, as programs write and read them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictStr

from catalog.vocabulary import Scope
from models.homepage.what_if import Cause
from serving.api.homepage_schemas import EntrySchema, EventProgressSchema, ReasonSchema
from serving.api.schema import AnswerSchema, AsOfSchema, NamedSchema, NamesSchema, RequestSchema

KindWord = Literal["citizen", "enterprise"]
Holds = Literal["holds", "does_not_hold", "unknown"]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Plain = StrictBool | StrictFloat | StrictStr | None
"""A value of the attribute register as JSON writes it; null says that the register knows there is none."""
Told = Annotated[dict[Text, Plain], Field(max_length=100)]


def _day(value: object) -> object:
    if not isinstance(value, str) or len(value) != len("2026-11-21"):
        raise ValueError("write the day as in 2026-11-21")
    return value


Day = Annotated[dt.date, Field(strict=False), BeforeValidator(_day)]


class ChangedScopeItemSchema(RequestSchema):
    """What is supposed of the subject itself, or of a scope item of theirs."""

    scope_item: Text
    attributes: Annotated[Told, Field(min_length=1)]


class AddedScopeItemSchema(RequestSchema):
    """A child, vehicle, site ... that is supposed to be the subject's. The asker chooses its id."""

    id: Text
    scope: Annotated[Scope, Field(strict=False)]
    label: Text | None = None
    attributes: Told = Field(default_factory=dict)


class AddedEventSchema(RequestSchema):
    """A life or business event that is supposed to happen on a day.

    Without a scope item it happens to the subject, or to a new scope item of the kind it ranges over.
    """

    event: Text
    scope_item: Text | None = None
    date: Day | None = None


class WhatIfRequestSchema(RequestSchema):
    """What is supposed of one subject. Nothing of it is stored."""

    kind: KindWord
    subject: Text
    on: Day | None = None
    """The day to answer for; today without one."""
    changes: list[ChangedScopeItemSchema] = Field(default_factory=list, max_length=50)
    scope_items: list[AddedScopeItemSchema] = Field(default_factory=list, max_length=20)
    events: list[AddedEventSchema] = Field(default_factory=list, max_length=10)


class UnmetSchema(AnswerSchema):
    """A condition that would not hold, or of which it would not be known."""

    criterion: str
    holds: Holds
    expression: str
    legal_source: str
    unknown: list[NamedSchema]


class EntryChangeSchema(AnswerSchema):
    """One line of the homepage before and after: without a before it appears, without an after it goes."""

    before: EntrySchema | None
    after: EntrySchema | None
    changed: list[str]
    """The fields that differ, for a line that is there before and after."""
    cause: Cause
    """`time` where the day alone makes the difference."""
    rests_on: list[str]
    """The supposed attributes that the item reads, directly or through what follows from them."""
    unmet: list[UnmetSchema]
    """For a line that disappears: the conditions that would no longer hold."""
    reasons: list[ReasonSchema]
    """For a line that disappears: why it would not be there."""


class EventChangeSchema(AnswerSchema):
    """One event of the homepage, before and after, likewise."""

    before: EventProgressSchema | None
    after: EventProgressSchema | None
    changed: list[str]
    cause: Cause


class SupposedEventSchema(AnswerSchema):
    """A supposed event, and whether its conditions would hold; what would still be needed, if not."""

    event: str
    names: NamesSchema
    scope_item: str
    holds: Holds
    unmet: list[UnmetSchema]


class PackageChangeSchema(AnswerSchema):
    """What would enter and leave an enterprise's policy package."""

    enters: list[NamedSchema]
    leaves: list[NamedSchema]
    total_before: NamesSchema
    total_after: NamesSchema


class WhatIfSchema(AsOfSchema):
    """What would appear, disappear and change on the day asked about, compared with today."""

    subject: str
    kind: KindWord
    today: dt.date
    appears: list[EntryChangeSchema]
    disappears: list[EntryChangeSchema]
    changes: list[EntryChangeSchema]
    events: list[EventChangeSchema]
    supposed_events: list[SupposedEventSchema]
    policy_package: PackageChangeSchema | None
    """Null for a citizen."""
    contradictions: list[NamesSchema]
    """What was supposed or is on record and cannot be so together; it is taken as unknown."""
