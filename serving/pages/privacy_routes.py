"""`My data and choices`: plain pages and forms, one step each way, no script."""

from __future__ import annotations

from typing import Any, Final, get_args
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from privacy.tags import UnknownTag
from records.consents import consents_of
from records.database import reading
from records.requests import Asked, requests_of
from records.tables.vocabulary import ReminderChannel, RequestKind
from serving.access import Id, OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import actor_of
from serving.pages.addresses import FOLDERS, home_url
from serving.pages.frame import frame
from serving.pages.held_context import closing_context, held_context
from serving.pages.privacy_context import (
    CHANNELS,
    PrivacyContext,
    channel_panels,
    request_lines,
    tag_groups,
    theme_panels,
)
from serving.pages.rendering import Renderer
from serving.pages.request_frame import frame_of
from serving.pages.routes import page
from serving.pages.sent_form import Sent, one_in, text_in
from serving.parts import Parts
from serving.privacy.access import CLOSES, DECIDES, DECIDING, SEES, CurrentCapacity, Deciding, Kind
from serving.privacy.closing import account_scope, close_account
from serving.privacy.consent_themes import consent_themes
from serving.privacy.copies import as_json, as_zip, copy_of, file_name
from serving.privacy.held import held_of
from serving.privacy.tags_shown import tags_of
from serving.reader import mode_of, words_of

router = APIRouter(include_in_schema=False)

SAID: Final = ("recommendation", "reminders", "tags", "consents", "request")


def privacy(request: Request, id: Id, kind: Kind, parts: OpenParts) -> Response:
    """Both switches, tags, consents and requests of a subject."""
    return page(request, "privacy", _context(request, parts, kind, id))


def held(request: Request, id: Id, kind: Kind, parts: OpenParts) -> Response:
    """Everything held of a subject."""
    words, here = words_of(request), f"{home_url(kind, id)}/privacy"
    shown_in = frame_of(request, words("held.title"), synthetic=parts.samples.synthetic)
    found = held_of(parts, kind, id)
    return page(request, "held", held_context(found, parts.catalogue, words, shown_in, here, _said(request)))


def copy_json(id: Id, kind: Kind, parts: OpenParts) -> Response:
    """A copy of everything held, as JSON."""
    found = held_of(parts, kind, id)
    return _attached(as_json(copy_of(parts, found)), "application/json", file_name(found, "json"))


def copy_csv(id: Id, kind: Kind, parts: OpenParts) -> Response:
    """A copy of everything held, as CSV files in a zip."""
    found = held_of(parts, kind, id)
    return _attached(as_zip(copy_of(parts, found)), "application/zip", file_name(found, "zip"))


def closing(request: Request, id: Id, kind: Kind, parts: OpenParts) -> Response:
    """What closing the account would take away; nothing is erased yet."""
    words = words_of(request)
    shown_in = frame_of(request, words("closing.title"), synthetic=parts.samples.synthetic)
    rows = account_scope(parts, kind, id)
    here = f"{home_url(kind, id)}/privacy"
    return page(request, "closing", closing_context(rows, None, words, shown_in, here, id))


def choose_recommendation(id: Id, kind: Kind, deciding: Deciding, sent: Sent) -> Response:
    """Switch personalised recommendation."""
    deciding.recommend(one_in(sent, "personalised", ("yes", "no")) == "yes")
    return _back(kind, id, "recommendation")


def choose_reminders(id: Id, kind: Kind, deciding: Deciding, sent: Sent) -> Response:
    """Set which themes' reminders are wanted by a channel."""
    channel: ReminderChannel = one_in(sent, "channel", CHANNELS[kind])
    deciding.remind_of(channel, frozenset(sent.get("theme", ())))
    return _back(kind, id, "reminders")


def choose_tag(id: Id, kind: Kind, deciding: Deciding, sent: Sent) -> Response:
    """Delete a tag or take its deletion back."""
    try:
        deciding.tag(text_in(sent, "tag"), one_in(sent, "wanted", ("yes", "no")) == "yes")
    except UnknownTag as unknown:
        raise InvalidRequest(Fault("/body/tag", "the dictionary has no such tag")) from unknown
    return _back(kind, id, "tags")


def choose_consent(id: Id, kind: Kind, deciding: Deciding, sent: Sent) -> Response:
    """Say yes or no to one purpose's use of one theme."""
    purpose: PurposeName = one_in(sent, "purpose", get_args(PurposeName))
    theme, granted = text_in(sent, "theme"), one_in(sent, "granted", ("yes", "no")) == "yes"
    deciding.consent(purpose, theme, granted, text_in(sent, "text_version") if granted else None)
    return _back(kind, id, f"consents&theme={quote(theme, safe='')}", f"theme-{theme}")


def ask(id: Id, kind: Kind, deciding: Deciding, capacity: CurrentCapacity, sent: Sent) -> Response:
    """Take in a complaint, a dispute or another request."""
    wanted: RequestKind = one_in(sent, "kind", ("access", "copy", "correct", "explain", "complaint"))
    asked = Asked(
        subject=id,
        kind=wanted,
        said=text_in(sent, "said"),
        capacity=capacity,
        scope_item=next(iter(sent.get("scope_item", ())), None),
        attribute=next(iter(sent.get("attribute", ())), None),
    )
    deciding.request(asked)
    return _back(kind, id, "request", "requests")


def close(request: Request, id: Id, parts: OpenParts, deciding: Deciding, sent: Sent) -> Response:
    """Erase the subject from every store, and show the receipt: the page after which there is none."""
    if text_in(sent, "confirmation") != id:
        raise InvalidRequest(Fault("/body/confirmation", "repeat the subject's own id"))
    receipt = close_account(deciding)
    words = words_of(request)
    renderer: Renderer = request.app.state.renderer
    # Of whoever is erased nothing stands on the page: no address, no session, no name.
    nobody_s = frame(
        words,
        mode_of(request),
        words("closing.done"),
        parts.desk.clock.on(),
        "/",
        {},
        catalogue_version=parts.catalogue.version,
        synthetic=parts.samples.synthetic,
    )
    return renderer.response("closing", closing_context({}, receipt, words, nobody_s, None, id))


def _context(request: Request, parts: Parts, kind: SubjectKind, id: str) -> PrivacyContext:
    words, catalogue, actor = words_of(request), parts.catalogue, actor_of(request)
    choices = parts.desk.choices(kind, id)
    with reading(parts.engine) as connection:
        said, asked = consents_of(connection, id), requests_of(connection, id)
    themes = consent_themes(catalogue, kind, said, parts.desk.clock.at())
    return PrivacyContext(
        t=words,
        frame=frame_of(request, words("privacy.title"), synthetic=parts.samples.synthetic),
        home_url=home_url(kind, id),
        here=f"{home_url(kind, id)}/privacy",
        said=_said(request),
        personalised=choices.personalised,
        channels=channel_panels(choices, catalogue, kind, words),
        tags=tag_groups(tags_of(parts.desk, kind, id), catalogue, kind, words),
        themes=theme_panels(themes, words, request.query_params.get("theme")),
        requests=request_lines(asked, catalogue, parts.desk.clock.on(), words),
        may_close=actor.role in DECIDING and actor.may_close,
    )


def _said(request: Request) -> str | None:
    done = request.query_params.get("done")
    return words_of(request)(f"privacy.done.{done}") if done in SAID else None


def _back(kind: SubjectKind, subject: str, done: str, anchor: str | None = None) -> Response:
    return RedirectResponse(f"{home_url(kind, subject)}/privacy?done={done}#{anchor or done}", 303)


def _attached(body: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(body, media_type=media_type, headers=headers)


SHOWN: dict[str, Any] = {
    "": privacy,
    "/data": held,
    "/copy.json": copy_json,
    "/copy.zip": copy_csv,
}
DECIDED: dict[str, Any] = {
    "/recommendation": choose_recommendation,
    "/reminders": choose_reminders,
    "/tags": choose_tag,
    "/consents": choose_consent,
    "/requests": ask,
}
for each, folder in FOLDERS.items():
    for path, handler in SHOWN.items():
        router.add_api_route(f"/{folder}/{{id}}/privacy{path}", handler, dependencies=[SEES[each].needed])
    closes, account = [CLOSES[each].needed], f"/{folder}/{{id}}/privacy/closing"
    router.add_api_route(account, closing, dependencies=closes)
    router.add_api_route(account, close, methods=["POST"], dependencies=closes)
    for path, handler in DECIDED.items():
        router.add_api_route(
            f"/{folder}/{{id}}/privacy{path}", handler, methods=["POST"], dependencies=[DECIDES[each].needed]
        )
