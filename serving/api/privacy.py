"""What subjects decide on their data and ask of it, for programs: the same for citizens and enterprises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from catalog.vocabulary import SubjectKind
from privacy.tags import UnknownTag
from records.consents import consents_of
from records.database import reading
from records.requests import Asked, requests_of
from serving.access import Id, OpenParts
from serving.api.privacy_schemas import (
    AskSchema,
    CancelledSchema,
    ChoicesSchema,
    ConsentsSchema,
    ConsentSwitchSchema,
    ConsentThemeSchema,
    CopySchema,
    EraseSchema,
    ErasureSchema,
    ErasureScopeSchema,
    PrivacyRequestSchema,
    PrivacyRequestsSchema,
    ReminderSwitchSchema,
    SwitchSchema,
    TagSchema,
    TagsSchema,
    TagSwitchSchema,
)
from serving.api.problems import problems
from serving.errors import Fault, InvalidRequest
from serving.pages.addresses import FOLDERS
from serving.privacy.access import CLOSES, DECIDES, SEES, CurrentCapacity, Deciding, Kind
from serving.privacy.closing import account_scope, close_account
from serving.privacy.consent_themes import consent_themes
from serving.privacy.copies import as_json, copy_of
from serving.privacy.held import held_of
from serving.privacy.tags_shown import tags_of

router = APIRouter(prefix="/v1", tags=["privacy"])


def choices(id: Id, kind: Kind, parts: OpenParts) -> ChoicesSchema:
    """Both switches and the deleted tags of a subject, as they stand now."""
    return ChoicesSchema.of(parts.desk.choices(kind, id))


def recommendation(body: SwitchSchema, deciding: Deciding) -> CancelledSchema:
    """Switch personalised recommendation. Off holds from the next call: one page for all."""
    return CancelledSchema(changed=1, cancelled_pushes=deciding.recommend(body.personalised))


def reminders(body: ReminderSwitchSchema, deciding: Deciding) -> CancelledSchema:
    """Switch reminders on a theme by a channel. What a duty bids always reaches the inbox."""
    return CancelledSchema(changed=1, cancelled_pushes=deciding.remind(body.theme, body.channel, body.wanted))


def tags(id: Id, kind: Kind, parts: OpenParts) -> TagsSchema:
    """Every tag that may shape the order of the subject's page, deleted ones among them."""
    return TagsSchema(tags=[TagSchema.of(tag) for tag in tags_of(parts.desk, kind, id)])


def tag(body: TagSwitchSchema, deciding: Deciding) -> CancelledSchema:
    """Delete a tag, or take its deletion back. A deleted tag shapes nothing from the next call on."""
    try:
        return CancelledSchema(changed=int(deciding.tag(body.tag, body.wanted)), cancelled_pushes=0)
    except UnknownTag as unknown:
        raise InvalidRequest(Fault("/body/tag", "the dictionary has no such tag")) from unknown


def consents(id: Id, kind: Kind, parts: OpenParts) -> ConsentsSchema:
    """What every purpose asks for by theme, in the words in force, and what the subject said."""
    parts.desk.choices(kind, id)
    with reading(parts.engine) as connection:
        said = consents_of(connection, id)
    themes = consent_themes(parts.catalogue, kind, said, parts.desk.clock.at())
    return ConsentsSchema(themes=[ConsentThemeSchema.of(theme) for theme in themes])


def consent(body: ConsentSwitchSchema, deciding: Deciding) -> CancelledSchema:
    """Say yes, in the words in force, or no. A no holds at once and ends what rested on the yes."""
    outcome = deciding.consent(body.purpose, body.theme, body.granted, body.text_version)
    return CancelledSchema(changed=outcome.changed, cancelled_pushes=outcome.cancelled)


def data(id: Id, kind: Kind, parts: OpenParts) -> Response:
    """A copy of everything held of the subject, table by table, with a manifest that counts the rows."""
    return Response(as_json(copy_of(parts, held_of(parts, kind, id))), media_type="application/json")


def asked(id: Id, kind: Kind, parts: OpenParts) -> PrivacyRequestsSchema:
    """The subject's requests and their answers, latest first."""
    parts.desk.choices(kind, id)
    with reading(parts.engine) as connection:
        found = requests_of(connection, id)
    return PrivacyRequestsSchema(requests=[PrivacyRequestSchema.of(one) for one in found])


def ask(body: AskSchema, id: Id, deciding: Deciding, capacity: CurrentCapacity) -> PrivacyRequestSchema:
    """Ask for something on one's data, dispute a value, or complain; answered within 15 working days."""
    wanted = Asked(
        subject=id,
        kind=body.kind,
        said=body.said,
        capacity=capacity,
        scope_item=body.scope_item,
        attribute=body.attribute,
    )
    return PrivacyRequestSchema.of(deciding.request(wanted))


def erasure_scope(id: Id, kind: Kind, parts: OpenParts) -> ErasureScopeSchema:
    """What an erasure would take away, and the word that confirms it. Nothing is erased."""
    return ErasureScopeSchema(kind=kind, rows=account_scope(parts, kind, id), confirmation=id)


def erase(body: EraseSchema, id: Id, deciding: Deciding) -> ErasureSchema:
    """Close the account: erase the subject from every store, at once and for good; the receipt."""
    if body.confirmation != id:
        raise InvalidRequest(Fault("/body/confirmation", "repeat the subject's own id"))
    return ErasureSchema.model_validate(_receipt(close_account(deciding)))


def _receipt(receipt: Any) -> dict[str, Any]:
    stores = [
        {"store": one.store, "what": one.what, "count": one.count, "at": one.at} for one in receipt.removed
    ]
    return {
        "token": receipt.token,
        "begun_at": receipt.begun_at,
        "completed_at": receipt.completed_at,
        "stores": stores,
    }


CLOSING = "erasure"
Handler = Callable[..., Any]
READ: dict[str, tuple[Handler, Any]] = {
    "choices": (choices, ChoicesSchema),
    "tags": (tags, TagsSchema),
    "consents": (consents, ConsentsSchema),
    "data": (data, CopySchema),
    "requests": (asked, PrivacyRequestsSchema),
    "erasure": (erasure_scope, ErasureScopeSchema),
}
DECIDED: dict[tuple[str, str], tuple[Handler, Any]] = {
    ("PUT", "recommendation"): (recommendation, CancelledSchema),
    ("PUT", "reminders"): (reminders, CancelledSchema),
    ("PUT", "tags"): (tag, CancelledSchema),
    ("PUT", "consents"): (consent, CancelledSchema),
    ("POST", "requests"): (ask, PrivacyRequestSchema),
    ("POST", "erasure"): (erase, ErasureSchema),
}


def _declare(kind: SubjectKind, folder: str) -> None:
    """The same endpoints for subjects of one kind, each with who may use it."""
    for name, (handler, schema) in READ.items():
        router.add_api_route(
            f"/{folder}/{{id}}/privacy/{name}",
            handler,
            name=f"{kind}_privacy_{name}",
            response_model=schema,
            responses=problems(404),
            dependencies=[(CLOSES if name == CLOSING else SEES)[kind].needed],
        )
    for (method, name), (handler, schema) in DECIDED.items():
        router.add_api_route(
            f"/{folder}/{{id}}/privacy/{name}",
            handler,
            methods=[method],
            name=f"{kind}_privacy_{method.lower()}_{name}",
            response_model=schema,
            responses=problems(400, 404, 413),
            dependencies=[(CLOSES if name == CLOSING else DECIDES)[kind].needed],
        )


for _kind, _folder in FOLDERS.items():
    _declare(_kind, _folder)
