"""The pages of the inbox: plain forms that work without a script, and a part that one keeps up to date."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.grants import labels_of
from serving.access import Id, OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import SIGNED_IN, CurrentActor, CurrentVisit, actor_of
from serving.identity.actor import WRITING
from serving.identity.refusals import NobodyHere
from serving.identity.visit import Visit
from serving.inbox.access import READS, WISHES, Wishing
from serving.inbox.api import LARGEST_ID, Before, MessageId
from serving.inbox.page_context import (
    InboxContext,
    InboxPart,
    InboxReader,
    PartContext,
    inbox_part,
    message_line,
    open_before,
)
from serving.inbox.sight import Seen, inbox_of
from serving.pages.addresses import FOLDERS, home_url
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.pages.sent_form import Sent
from serving.parts import Parts
from serving.privacy.access import DECIDING, Kind
from serving.reader import words_of

router = APIRouter(include_in_schema=False)

SAID = ("read", "dismissed")
CLOSED_SHOWN = 50


def inbox(
    request: Request,
    id: Id,
    kind: Kind,
    parts: OpenParts,
    actor: CurrentActor,
    closed: bool = False,
    before: Before = None,
) -> Response:
    """A subject's inbox, newest first, or what stands before a message; with `closed`, what is over too."""
    seen = inbox_of(parts, actor, kind, id)
    words, every = words_of(request), inbox_of(parts, actor, kind, id, closed=True) if closed else None
    over = None if every is None else [one for one in reversed(every.messages) if one.closed_at is not None]
    reader = reader_for(request, parts, kind, id, every or seen)
    said, here = request.query_params.get("done"), f"{home_url(kind, id)}/inbox"
    shown, first = open_before(seen, before)
    context = InboxContext(
        t=words,
        frame=frame_of(request, words("inbox.title"), synthetic=parts.samples.synthetic),
        home_url=home_url(kind, id),
        here=here,
        said=words(f"inbox.done.{said}") if said in SAID else None,
        part=inbox_part(seen, reader),
        older=None if before is None else tuple(message_line(one, reader) for one in shown),
        earlier=None if first is None else f"{here}?before={first}",
        closed=None if over is None else tuple(message_line(one, reader) for one in over[:CLOSED_SHOWN]),
    )
    return page(request, "inbox", context)


def live_part(
    request: Request, id: Id, kind: Kind, parts: OpenParts, actor: CurrentActor, home: bool = False
) -> Response:
    """The part of the page, or of the homepage, that is brought up to date."""
    seen = inbox_of(parts, actor, kind, id)
    part = inbox_part(seen, reader_for(request, parts, kind, id, seen), home=home)
    frame = frame_of(request, words_of(request)("inbox.title"), synthetic=False)
    return page(request, "inbox_part", PartContext(words_of(request), frame, part))


def read(id: Id, kind: Kind, message: MessageId, wishes: Wishing) -> Response:
    """Note that a message was read."""
    wishes.read(message)
    return _back(kind, id, "read")


def read_all(id: Id, kind: Kind, wishes: Wishing, sent: Sent) -> Response:
    """Note that all messages up to the newest on the page were read."""
    until = next(iter(sent.get("until", ())), "")
    if not until.isdecimal() or not until.isascii() or not 0 <= int(until[:19]) <= LARGEST_ID:
        raise InvalidRequest(Fault("/body/until", "the id of a message"))
    wishes.read_all(int(until[:19]))
    return _back(kind, id, "read")


def dismiss(id: Id, kind: Kind, message: MessageId, wishes: Wishing) -> Response:
    """Take a message out of the inbox."""
    wishes.dismiss(message)
    return _back(kind, id, "dismissed")


@router.get("/inbox", dependencies=[SIGNED_IN.needed])
def own(visit: CurrentVisit) -> Response:
    """The inbox of whoever the worn hat is for. The link names nobody."""
    return RedirectResponse(f"{_worn_home(visit)}/inbox", 303)


@router.get("/inbox/{message}", dependencies=[SIGNED_IN.needed])
def own_message(visit: CurrentVisit, message: MessageId) -> Response:
    """One message there: where the link of a push leads."""
    return RedirectResponse(f"{_worn_home(visit)}/inbox#message-{message}", 303)


@router.get("/contacts", dependencies=[SIGNED_IN.needed])
def own_contacts(visit: CurrentVisit) -> Response:
    """Where a code is typed in: where the link of one leads."""
    return RedirectResponse(f"{_worn_home(visit)}/inbox/settings", 303)


def home_part(request: Request, parts: Parts, kind: SubjectKind, subject: str) -> InboxPart:
    """The panel of a homepage."""
    seen = inbox_of(parts, actor_of(request), kind, subject)
    return inbox_part(seen, reader_for(request, parts, kind, subject, seen), home=True)


def reader_for(request: Request, parts: Parts, kind: SubjectKind, subject: str, seen: Seen) -> InboxReader:
    """For whom the messages are worded."""
    visit: Visit = request.state.visit
    ids = {one.message.scope_item for one in seen.messages if one.message.scope_item is not None}
    with reading(parts.engine) as connection:
        labels = labels_of(connection, ids)
    return InboxReader(
        kind=kind,
        subject=subject,
        words=words_of(request),
        catalogue=parts.catalogue,
        labels=labels,
        on=parts.desk.clock.on(),
        form_token=None if visit.session is None else visit.session.form_token,
        changes=_may_change(request),
    )


def _may_change(request: Request) -> bool:
    actor = actor_of(request)
    return actor.role in DECIDING & WRITING and actor.has_everything


def _worn_home(visit: Visit) -> str:
    hat = visit.worn
    if hat is None or hat.kind is None or hat.subject is None:
        raise NobodyHere
    return home_url(hat.kind, hat.subject)


def _back(kind: SubjectKind, subject: str, done: str) -> Response:
    return RedirectResponse(f"{home_url(kind, subject)}/inbox?done={done}", 303)


SHOWN: dict[str, Any] = {"": inbox, "/part": live_part}
CHANGED: dict[str, Any] = {"/read": read_all, "/{message}/read": read, "/{message}/dismiss": dismiss}
for each, folder in FOLDERS.items():
    for path, handler in SHOWN.items():
        router.add_api_route(f"/{folder}/{{id}}/inbox{path}", handler, dependencies=[READS[each].needed])
    for path, handler in CHANGED.items():
        router.add_api_route(
            f"/{folder}/{{id}}/inbox{path}", handler, methods=["POST"], dependencies=[WISHES[each].needed]
        )
