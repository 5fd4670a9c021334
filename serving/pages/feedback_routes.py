"""What readers say of the cards of their page: kept, and the page again with a word of thanks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import Names, SubjectKind
from features.schema import Interaction, InteractionKind
from models.feedback.terms import default_terms
from models.recommendation import Entry, Reason, Standing
from records.arrivals import Came, note_arrivals
from records.database import writing
from records.interactions import append_interactions, recent_interactions
from records.invitations import postpone, resume
from records.settings import SHANGHAI
from records.wishes import declare_done, take_back_done
from serving.access import Id, OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.pages.feedback_form import ACTS, Act, acts_of
from serving.parts import Parts

router = APIRouter(include_in_schema=False)


async def sent_form(request: Request) -> dict[str, str]:
    """The fields of a form; that it comes from a page of the session is checked by the route's access."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Form = Annotated[dict[str, str], Depends(sent_form)]


@router.post("/citizens/{id}/feedback", dependencies=[OWN_CITIZEN.needed])
def citizen_feedback(request: Request, id: Id, parts: OpenParts, form: Form) -> Response:
    """What a citizen says of a card."""
    return _feedback(request, parts, SubjectKind.CITIZEN, id, form)


@router.post("/enterprises/{id}/feedback", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_feedback(request: Request, id: Id, parts: OpenParts, form: Form) -> Response:
    """What an enterprise says of a card."""
    return _feedback(request, parts, SubjectKind.ENTERPRISE, id, form)


def _feedback(
    request: Request, parts: Parts, kind: SubjectKind, id: str, form: Mapping[str, str]
) -> Response:
    key = (form.get("item", ""), form.get("scope_item", ""), form.get("cycle", ""))
    said = next((known for known in ACTS if known == form.get("act")), None)
    entry = _told_done(*key) if said == "not_done" else _entry(parts, kind, id, key)
    if said is None or said not in acts_of(entry, parts.catalogue):
        raise InvalidRequest(Fault("/body/act", "cannot be said of this item as it stands"))
    with writing(parts.engine) as connection:
        SAY[said](connection, id, entry, _moment(connection, id, parts.desk.clock.at()))
    home = request.url.path.removesuffix("/feedback")
    told = {"said": said, "item": entry.item, "scope_item": entry.scope_item, "cycle": entry.cycle}
    return RedirectResponse(f"{home}?{urlencode(told)}", status_code=303)


def _told_done(item: str, scope_item: str, cycle: str) -> Entry:
    """What may have left the page when it was declared done, and is to come back to it."""
    why = Reason("done_self_declared", Names("", ""))
    return Entry(item, scope_item, None, Standing.DONE, ready=False, cycle=cycle, reasons=(why,))


def _entry(parts: Parts, kind: SubjectKind, id: str, key: tuple[str, str, str]) -> Entry:
    """The line of today's page that is spoken of."""
    page = parts.desk.homepage(kind, id)
    lists = (page.should_do, page.can_do, page.upcoming, page.needs_information, page.done)
    for entries in lists:
        for entry in entries:
            if (entry.item, entry.scope_item, entry.cycle) == key:
                return entry
    raise InvalidRequest(Fault("/body/item", "does not stand on the page; it may have changed meanwhile"))


def _moment(connection: Connection, subject: str, at: dt.datetime) -> dt.datetime:
    """Now, or just after the last thing kept of the subject: a clock held still must not undo the order."""
    last = recent_interactions(connection, subject, 1)
    return max([at, *(one.at + dt.timedelta(microseconds=1) for one in last)])


def _keep(connection: Connection, subject: str, kind: InteractionKind, entry: Entry, at: dt.datetime) -> None:
    """Keep what was said as an interaction with the item."""
    one = Interaction(uuid4().hex, kind, at, item=entry.item, scope_item=entry.scope_item, channel="online")
    append_interactions(connection, subject, [one])
    note_arrivals(connection, [Came(subject, "interaction", (one.client_id,), frozenset({entry.item}))])


def _dismiss(connection: Connection, subject: str, entry: Entry, at: dt.datetime) -> None:
    _keep(connection, subject, "dismiss", entry, at)


def _done(connection: Connection, subject: str, entry: Entry, at: dt.datetime) -> None:
    declare_done(connection, subject, entry.scope_item, entry.item, entry.cycle, at)


def _not_done(connection: Connection, subject: str, entry: Entry, at: dt.datetime) -> None:
    take_back_done(connection, subject, entry.scope_item, entry.item, entry.cycle, at)


def _later(connection: Connection, subject: str, entry: Entry, at: dt.datetime) -> None:
    until = at.astimezone(SHANGHAI).date() + dt.timedelta(days=default_terms().postponed_days)
    postpone(connection, subject, entry.scope_item, entry.item, entry.cycle, until, at)


def _restore(connection: Connection, subject: str, entry: Entry, at: dt.datetime) -> None:
    resume(connection, subject, entry.scope_item, entry.item, at)
    _keep(connection, subject, "click", entry, at)


SAY: Final[dict[Act, Callable[[Connection, str, Entry, dt.datetime], None]]] = {
    "dismiss": _dismiss,
    "done": _done,
    "later": _later,
    "restore": _restore,
    "not_done": _not_done,
}
