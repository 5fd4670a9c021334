"""What the inbox's interface answers with and asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from catalog.catalogue import Catalogue
from models.recommendation import Standing
from records.addresses import veiled
from records.contacts import Contact
from records.inbox import Told
from records.pace import Pace
from records.subscriptions import Subscription
from records.tables.vocabulary import AddressChannel, CloseReason, Digest, FollowedKind, InboxKind
from serving.api.homepage_schemas import ReasonSchema
from serving.api.schema import AnswerSchema, NamesSchema, RequestSchema
from serving.inbox.sight import Seen
from serving.inbox.titles import title_of


class MessageSchema(AnswerSchema):
    """One message. A `required` one tells of a duty and cannot be dismissed."""

    id: int
    kind: InboxKind
    names: NamesSchema
    reason: ReasonSchema
    topic: str
    item: str | None
    scope_item: str | None
    cycle: str | None
    standing: Standing | None
    ready: bool | None
    opens_on: dt.date | None
    due_on: dt.date | None
    missing: list[str]
    required: bool
    delicate: bool
    detail: dict[str, Any]
    told_at: dt.datetime
    read_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_because: CloseReason | None

    @classmethod
    def of(cls, one: Told, catalogue: Catalogue) -> MessageSchema:
        """The schema of a message."""
        message = one.message
        plain = ("kind", "topic", "item", "scope_item", "cycle", "standing", "ready", "opens_on", "due_on")
        return cls(
            **{name: getattr(message, name) for name in plain},
            id=one.id,
            names=NamesSchema.of(title_of(message, catalogue)),
            reason=ReasonSchema(code=message.reason.code, text=NamesSchema.of(message.reason.text)),
            missing=list(message.missing),
            required=message.required,
            delicate=message.delicate,
            detail=dict(message.detail),
            told_at=one.created_at,
            read_at=one.read_at,
            closed_at=one.closed_at,
            closed_because=one.closed_because,
        )


class InboxSchema(AnswerSchema):
    """A page of a subject's messages, oldest first. `next_before` leads to what is older.

    `unread` and `hidden` count open messages: those not read, and those not shown to whoever asks.
    """

    subject: str
    unread: int
    hidden: int
    messages: list[MessageSchema]
    next_before: int | None

    @classmethod
    def of(
        cls, subject: str, counted: Seen, page: Sequence[Told], catalogue: Catalogue, *, more: bool
    ) -> InboxSchema:
        """The schema of a page of an inbox; `more` messages are older."""
        return cls(
            subject=subject,
            unread=counted.unread,
            hidden=counted.hidden,
            messages=[MessageSchema.of(one, catalogue) for one in page],
            next_before=page[0].id if more else None,
        )


class ChangedSchema(AnswerSchema):
    """How many things a request changed; 0 where they were so already."""

    changed: int


class StateSchema(AnswerSchema):
    """What a stream says whenever it changed: the open messages, how many are unread, and a mark of both."""

    open: list[int]
    unread: int
    mark: str


Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class PaceSchema(AnswerSchema):
    """How often and when a subject is told outside the inbox; times of day in Shanghai."""

    most_a_day: int
    quiet_from: str
    quiet_until: str
    digest: Digest

    @classmethod
    def of(cls, pace: Pace) -> PaceSchema:
        """The schema of a subject's choice."""
        return cls(
            most_a_day=pace.most_a_day,
            quiet_from=f"{pace.quiet_from:%H:%M}",
            quiet_until=f"{pace.quiet_until:%H:%M}",
            digest=pace.digest,
        )


class PaceChoiceSchema(RequestSchema):
    """The same, to be chosen; equal times mean no quiet hours."""

    most_a_day: Annotated[int, Field(ge=1, le=50)]
    quiet_from: Clock
    quiet_until: Clock
    digest: Digest


class ContactSchema(AnswerSchema):
    """One address; its middle is not told again once it is given."""

    channel: AddressChannel
    address: str
    verified_at: dt.datetime | None
    code_until: dt.datetime | None

    @classmethod
    def of(cls, one: Contact) -> ContactSchema:
        """The schema of an address."""
        return cls(
            channel=one.channel,
            address=veiled(one.channel, one.address),
            verified_at=one.verified_at,
            code_until=one.ends_at,
        )


class ContactsSchema(AnswerSchema):
    """A subject's addresses, verified ones first."""

    contacts: list[ContactSchema]


class NewContactSchema(RequestSchema):
    """An address to be verified; a code is sent there."""

    channel: AddressChannel
    address: Annotated[str, Field(min_length=1, max_length=300)]


class CodeUntilSchema(AnswerSchema):
    """Until when the code may be given back."""

    code_until: dt.datetime


class CodeSchema(RequestSchema):
    """The code that came."""

    code: Annotated[str, Field(min_length=1, max_length=20)]


class SubscriptionSchema(AnswerSchema):
    """One thing that is followed. Without lead days it is told when such things are told anyway."""

    kind: FollowedKind
    target: str
    names: NamesSchema
    lead_days: list[int]


class SubscriptionsSchema(AnswerSchema):
    """What a subject follows, and the lead days that can be chosen."""

    subscriptions: list[SubscriptionSchema]
    lead_days_offered: list[int]


class LeadsSchema(RequestSchema):
    """How many days before it is due to be told, longest first; none: as usual."""

    lead_days: Annotated[list[int], Field(max_length=7, default_factory=list)]

    def of(self, kind: FollowedKind, target: str) -> Subscription:
        """The subscription with these lead days. Raises SubscriptionError."""
        return Subscription(kind, target, tuple(self.lead_days))
