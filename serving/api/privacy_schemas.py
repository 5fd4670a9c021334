"""What programs read and send of a subject's choices, consents, tags, data and requests."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from records.choices import Choices
from records.requests import PrivacyRequest
from records.tables.vocabulary import ReminderChannel, RequestCapacity, RequestKind, RequestState
from serving.api.schema import AnswerSchema, NamesSchema, RequestSchema
from serving.privacy.consent_themes import ConsentTheme, Use
from serving.privacy.tags_shown import Tag

Words = Annotated[str, Field(min_length=1, max_length=2000)]
Slug = Annotated[str, Field(min_length=1, max_length=100)]


class ReminderChoiceSchema(AnswerSchema):
    """Whether reminders on a theme (`*`: all others) are wanted by a channel."""

    theme: str
    channel: ReminderChannel
    wanted: bool


class ChoicesSchema(AnswerSchema):
    """The two switches, and the tags that were deleted."""

    personalised: bool
    reminders: list[ReminderChoiceSchema]
    deleted_tags: list[str]

    @classmethod
    def of(cls, choices: Choices) -> ChoicesSchema:
        """The schema of a subject's choices."""
        return cls(
            personalised=choices.personalised,
            reminders=[
                ReminderChoiceSchema.model_validate({"theme": theme, "channel": channel, "wanted": wanted})
                for (theme, channel), wanted in sorted(choices.reminders.items())
            ],
            deleted_tags=sorted(choices.deleted_tags),
        )


class SwitchSchema(RequestSchema):
    """Personalised recommendation on or off."""

    personalised: bool


class ReminderSwitchSchema(RequestSchema):
    """Reminders on a theme (`*`: all others) by a channel, on or off."""

    theme: Slug
    channel: ReminderChannel
    wanted: bool


class CancelledSchema(AnswerSchema):
    """What a decision changed, and how many waiting pushes it ended."""

    changed: int
    cancelled_pushes: int


class TagSchema(AnswerSchema):
    """A tag: what it is called, the word models read, how often it was counted, whether it is deleted."""

    id: str
    names: NamesSchema
    category: str | None
    count: int | None
    deleted: bool
    silent: bool

    @classmethod
    def of(cls, tag: Tag) -> TagSchema:
        """The schema of a tag."""
        names = NamesSchema.of(tag.names)
        return cls(
            id=tag.id,
            names=names,
            category=tag.category,
            count=tag.count,
            deleted=tag.deleted,
            silent=tag.silent,
        )


class TagsSchema(AnswerSchema):
    """Every tag that may shape the subject's page."""

    tags: list[TagSchema]


class TagSwitchSchema(RequestSchema):
    """A tag of the dictionary, deleted or wanted again."""

    tag: Slug
    wanted: bool


class UseWordsSchema(AnswerSchema):
    """How a purpose uses what it asks for, and what a yes and a no mean."""

    title: str
    use: str
    granted: str
    refused: str


class ThemeWordsSchema(AnswerSchema):
    """Why a theme is needed and what its use may do to the subject."""

    necessity: str
    impact: str


class UseSchema(AnswerSchema):
    """What one purpose asks for under a theme, in the words in force."""

    purpose: PurposeName
    granted: bool
    partly: bool
    text_version: str
    text_hash: str
    words: dict[str, UseWordsSchema]

    @classmethod
    def of(cls, use: Use) -> UseSchema:
        """The schema of a use."""
        return cls(
            purpose=use.purpose,
            granted=use.granted,
            partly=use.partly,
            text_version=use.text_version,
            text_hash=use.text_hash,
            words={
                language: UseWordsSchema.model_validate(words, from_attributes=True)
                for language, words in use.words.items()
            },
        )


class ConsentThemeSchema(AnswerSchema):
    """A theme and what every purpose asks for under it."""

    theme: str
    names: NamesSchema
    sensitive: bool
    words: dict[str, ThemeWordsSchema]
    uses: list[UseSchema]

    @classmethod
    def of(cls, theme: ConsentTheme) -> ConsentThemeSchema:
        """The schema of a theme."""
        return cls(
            theme=theme.id,
            names=NamesSchema.of(theme.names),
            sensitive=theme.sensitive,
            words={
                language: ThemeWordsSchema.model_validate(words, from_attributes=True)
                for language, words in theme.words.items()
            },
            uses=[UseSchema.of(use) for use in theme.uses],
        )


class ConsentsSchema(AnswerSchema):
    """The consent centre."""

    themes: list[ConsentThemeSchema]


class ConsentSwitchSchema(RequestSchema):
    """A yes, in the words of a version, or a no, which needs none."""

    purpose: PurposeName
    theme: Slug
    granted: bool
    text_version: Slug | None = None


class CopySchema(AnswerSchema):
    """Everything held, table by table, under a manifest that counts the rows."""

    manifest: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]


class PrivacyRequestSchema(AnswerSchema):
    """A request and its clock."""

    id: str
    kind: RequestKind
    capacity: RequestCapacity
    state: RequestState
    said: str
    opened_at: dt.datetime
    due_on: dt.date
    provisional: bool
    scope_item: str | None
    attribute: str | None
    authority: str | None
    answered_at: dt.datetime | None
    reason: str | None

    @classmethod
    def of(cls, one: PrivacyRequest) -> PrivacyRequestSchema:
        """The schema of a request."""
        return cls.model_validate(one, from_attributes=True)


class PrivacyRequestsSchema(AnswerSchema):
    """The subject's requests, latest first."""

    requests: list[PrivacyRequestSchema]


class AskSchema(RequestSchema):
    """A request on one's data; a correction names the attribute, and what it is told of."""

    kind: Literal["access", "copy", "correct", "explain", "complaint"]
    said: Words
    scope_item: Slug | None = None
    attribute: Slug | None = None


class ErasureStoreSchema(AnswerSchema):
    """What an erasure took out of one store: of what, and how much."""

    store: str
    what: str
    count: int
    at: dt.datetime


class ErasureSchema(AnswerSchema):
    """The receipt of an erasure: a token that stands for nobody any more, and what went from each store."""

    token: str
    begun_at: dt.datetime
    completed_at: dt.datetime
    stores: list[ErasureStoreSchema]


class ErasureScopeSchema(AnswerSchema):
    """What an erasure would take away, table by table, and the word that confirms it."""

    kind: SubjectKind
    rows: dict[str, int]
    confirmation: str


class EraseSchema(RequestSchema):
    """The confirmation: the subject's own id."""

    confirmation: Slug
