"""The inbox and its subject's wishes, for programs: the same for citizens and enterprises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.pace import Pace
from records.subscriptions import LEAD_DAYS, SubscriptionError
from records.tables.vocabulary import AddressChannel, FollowedKind
from serving.access import Id, OpenParts
from serving.api.problems import problems
from serving.api.schema import NamesSchema
from serving.errors import Fault, InvalidRequest
from serving.identity.access import Access, CurrentActor
from serving.inbox.access import ADDRESSES, READS, WISHES, OwnWishing, Wishing
from serving.inbox.schemas import (
    ChangedSchema,
    CodeSchema,
    CodeUntilSchema,
    ContactSchema,
    ContactsSchema,
    InboxSchema,
    LeadsSchema,
    NewContactSchema,
    PaceChoiceSchema,
    PaceSchema,
    SubscriptionSchema,
    SubscriptionsSchema,
)
from serving.inbox.sight import MOST_SHOWN, inbox_of, look_back
from serving.inbox.titles import followed_names
from serving.pages.addresses import FOLDERS
from serving.privacy.access import Kind

router = APIRouter(prefix="/v1", tags=["inbox"])

LARGEST_ID = 2**63 - 1
MessageId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="Only messages told after this one.")]
Before = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_ID, description="Only messages told before this one: `next_before` of an answer."),
]
Limit = Annotated[int, Query(ge=1, le=MOST_SHOWN, description="The most messages of one answer.")]
Target = Annotated[str, Path(min_length=1, max_length=200)]


def inbox(
    id: Id,
    kind: Kind,
    parts: OpenParts,
    actor: CurrentActor,
    after: After = 0,
    before: Before = None,
    limit: Limit = MOST_SHOWN,
    closed: bool = False,
) -> InboxSchema:
    """What the subject was told and has not closed; with `closed`, all of it.

    A page holds the newest messages there are, oldest first; `next_before` leads to the page before it.
    """
    counted = inbox_of(parts, actor, kind, id)
    with reading(parts.engine) as connection:
        found, more = look_back(
            connection,
            parts,
            actor,
            id,
            closed=None if closed else False,
            before=before,
            after=after,
            most=limit,
        )
    return InboxSchema.of(id, counted, found[::-1], parts.catalogue, more=more)


def read(message: MessageId, wishes: Wishing) -> ChangedSchema:
    """Note that a message was read."""
    return ChangedSchema(changed=int(wishes.read(message)))


def dismiss(message: MessageId, wishes: Wishing) -> ChangedSchema:
    """Take a message out of the inbox, and cancel what of it waits to go out. Not a duty's."""
    return ChangedSchema(changed=int(wishes.dismiss(message)))


def pace(wishes: Wishing) -> PaceSchema:
    """How often and when the subject is told outside the inbox."""
    return PaceSchema.of(wishes.now()[0])


def choose_pace(body: PaceChoiceSchema, wishes: Wishing) -> PaceSchema:
    """Choose it. Times of day are those of Shanghai; equal ones mean no quiet hours."""
    times = (dt.time.fromisoformat(body.quiet_from), dt.time.fromisoformat(body.quiet_until))
    chosen = Pace(body.most_a_day, *times, body.digest)
    wishes.pace(chosen)
    return PaceSchema.of(chosen)


def contacts(wishes: OwnWishing) -> ContactsSchema:
    """Where the subject can be told, each address with its middle hidden."""
    return ContactsSchema(contacts=[ContactSchema.of(one) for one in wishes.now()[2]])


def add_contact(body: NewContactSchema, wishes: OwnWishing) -> CodeUntilSchema:
    """Have a code sent to an address. It is used for nothing else until the code comes back."""
    return CodeUntilSchema(code_until=wishes.send_code(body.channel, body.address))


def verify_contact(channel: AddressChannel, body: CodeSchema, wishes: OwnWishing) -> ContactsSchema:
    """Give the code back; from then on the address is used. A few wrong codes end it."""
    if (outcome := wishes.take_code(channel, body.code)) != "verified":
        said = {"wrong": "not the code that was sent", "ended": "no code is awaited: have a new one sent"}
        raise InvalidRequest(Fault("/body/code", said[outcome]))
    return contacts(wishes)


def remove_contact(channel: AddressChannel, wishes: OwnWishing) -> ChangedSchema:
    """Forget an address and cancel what waits to go there; how many pushes that were."""
    return ChangedSchema(changed=wishes.remove(channel))


def subscriptions(kind: Kind, parts: OpenParts, wishes: Wishing) -> SubscriptionsSchema:
    """What the subject follows: services, policies, life events and themes."""
    found = []
    for one in wishes.now()[1].subscriptions:
        names = followed_names(one.kind, one.target, parts.catalogue, kind)
        if names is not None:
            found.append(
                SubscriptionSchema(
                    kind=one.kind,
                    target=one.target,
                    names=NamesSchema.of(names),
                    lead_days=list(one.lead_days),
                )
            )
    return SubscriptionsSchema(subscriptions=found, lead_days_offered=list(LEAD_DAYS))


def follow(
    followed: FollowedKind, target: Target, body: LeadsSchema, kind: Kind, parts: OpenParts, wishes: Wishing
) -> SubscriptionsSchema:
    """Follow something, or choose how many days before it is due to be told."""
    try:
        wishes.follow(body.of(followed, target))
    except SubscriptionError as error:
        raise InvalidRequest(Fault("/body/lead_days", str(error))) from error
    return subscriptions(kind, parts, wishes)


def unfollow(followed: FollowedKind, target: Target, wishes: Wishing) -> ChangedSchema:
    """Follow something no longer; what only goes out because it is followed is cancelled."""
    return ChangedSchema(changed=int(wishes.unfollow(followed, target)))


Declared = tuple[str, str, Callable[..., Any], Any, dict[SubjectKind, Access]]
ROUTES: tuple[Declared, ...] = (
    ("GET", "inbox", inbox, InboxSchema, READS),
    ("POST", "inbox/{message}/read", read, ChangedSchema, WISHES),
    ("POST", "inbox/{message}/dismiss", dismiss, ChangedSchema, WISHES),
    ("GET", "pace", pace, PaceSchema, WISHES),
    ("PUT", "pace", choose_pace, PaceSchema, WISHES),
    ("GET", "contacts", contacts, ContactsSchema, ADDRESSES),
    ("POST", "contacts", add_contact, CodeUntilSchema, ADDRESSES),
    ("POST", "contacts/{channel}/verification", verify_contact, ContactsSchema, ADDRESSES),
    ("DELETE", "contacts/{channel}", remove_contact, ChangedSchema, ADDRESSES),
    ("GET", "subscriptions", subscriptions, SubscriptionsSchema, WISHES),
    ("PUT", "subscriptions/{followed}/{target}", follow, SubscriptionsSchema, WISHES),
    ("DELETE", "subscriptions/{followed}/{target}", unfollow, ChangedSchema, WISHES),
)


def _declare(kind: SubjectKind, folder: str) -> None:
    for method, path, handler, schema, access in ROUTES:
        router.add_api_route(
            f"/{folder}/{{id}}/{path}",
            handler,
            methods=[method],
            name=f"{kind}_{handler.__name__}",
            response_model=schema,
            responses=problems(*((404,) if method == "GET" else (400, 404, 413))),
            dependencies=[access[kind].needed],
        )


for _kind, _folder in FOLDERS.items():
    _declare(_kind, _folder)
