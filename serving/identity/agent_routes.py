"""The desk of a service agent: one subject at a time, on presence or grant, for a reason, for a while."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from records.audit import AuditEntry
from records.database import writing
from records.identities import subject_with
from records.openings import Opening, close_subject, granted, open_subject, take_presence_code
from records.sessions import change_hat
from records.settings import SHANGHAI
from records.subjects import UnknownSubject, kind_of
from records.tables.vocabulary import OpeningGround
from serving.access import OpenParts
from serving.identity.access import AGENTS, CurrentVisit
from serving.identity.actor import Hat, Role
from serving.identity.cookies import keep_session
from serving.identity.desk import IdentityDesk, identity_of
from serving.identity.home import home_of
from serving.identity.refusals import NotOpened, RoleRefused
from serving.identity.visit import Visit
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.parts import Parts
from serving.reader import words_of
from serving.wording import Words

router = APIRouter(prefix="/agent", include_in_schema=False)

By = Literal["code", "document", "grant"]
GROUNDS: Final[dict[By, OpeningGround]] = {"code": "presence", "document": "presence", "grant": "grant"}
SCHEMES: Final = ("resident_id", "credit_code")


@dataclass(frozen=True, slots=True)
class AgentContext:
    """What agent.html is rendered from."""

    t: Words
    frame: Frame
    form_token: str
    open_id: str | None
    open_url: str | None
    until: str | None
    reason: str | None
    schemes: tuple[tuple[str, str], ...]


@router.get("", dependencies=[AGENTS.needed])
def agent(request: Request, visit: CurrentVisit) -> Response:
    """Who is open, or how to open somebody."""
    words, opened = words_of(request), visit.opened
    until = None if opened is None else opened.ends_at.astimezone(SHANGHAI)
    context = AgentContext(
        t=words,
        frame=frame_of(request, words("agent.title"), synthetic=False),
        form_token=visit.session.form_token if visit.session else "",
        open_id=None if opened is None else opened.subject,
        open_url=None if opened is None else home_of(Hat(Role.AGENT, opened.kind, opened.subject)),
        until=None if until is None else f"{until:%H:%M}",
        reason=None if opened is None else opened.reason,
        schemes=tuple((scheme, words(f"agent.scheme.{scheme}")) for scheme in SCHEMES),
    )
    return page(request, "agent", context)


@router.post("/open", dependencies=[AGENTS.needed])
def open_one(
    request: Request,
    parts: OpenParts,
    visit: CurrentVisit,
    by: Annotated[By, Form()],
    value: Annotated[str, Form(min_length=1, max_length=200)],
    reason: Annotated[str, Form(min_length=4, max_length=200)],
    scheme: Annotated[Literal["resident_id", "credit_code"], Form()] = "resident_id",
    shows_delicate: Annotated[bool, Form()] = False,
) -> Response:
    """Open a subject; that it was is on record before anything of it is shown."""
    desk = identity_of(request)
    at = desk.wall()
    with writing(parts.engine) as connection:
        subject = _found(connection, parts, by, value.strip(), scheme, at)
        if subject is None:
            _note(connection, desk, parts, visit, "open-refused", None, {"by": by})
        else:
            opening = Opening(
                subject=subject,
                kind=kind_of(connection, subject),
                ground=GROUNDS[by],
                reason=reason.strip(),
                shows_delicate=shows_delicate,
                opened_at=at,
                ends_at=at + dt.timedelta(minutes=desk.settings.agent_minutes),
            )
            open_subject(connection, visit.login.id, opening)
            hat = Hat(Role.AGENT, opening.kind, subject)
            response = _under(connection, desk, visit, hat)
            detail = {"by": by, "ground": opening.ground, "reason": opening.reason}
            _note(connection, desk, parts, visit, "open", subject, detail)
    if subject is None:
        raise NotOpened
    return response


@router.post("/close", dependencies=[AGENTS.needed])
def close_one(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """Close whoever is open."""
    desk = identity_of(request)
    with writing(parts.engine) as connection:
        close_subject(connection, visit.login.id, desk.wall())
        response = _under(connection, desk, visit, Hat(Role.AGENT))
        subject = None if visit.opened is None else visit.opened.subject
        _note(connection, desk, parts, visit, "close", subject, {})
    return response


def _found(
    connection: Connection, parts: Parts, by: By, value: str, scheme: str, at: dt.datetime
) -> str | None:
    """Whom the agent may open; None alike for nobody, for who is not there and for who granted nothing."""
    if by == "code":
        return take_presence_code(connection, value.replace(" ", ""), at)
    if by == "document":
        return subject_with(connection, parts.secrets, scheme, value.upper())
    try:
        kind_of(connection, value)
    except UnknownSubject:
        return None
    return value if granted(connection, value, at) else None


def _under(connection: Connection, desk: IdentityDesk, visit: Visit, hat: Hat) -> Response:
    """Go on under another hat, and so under another secret."""
    if visit.session is None:
        raise RoleRefused
    secret = change_hat(connection, visit.session, hat.key, desk.wall())
    response = RedirectResponse(home_of(hat) if hat.subject else "/agent", 303)
    keep_session(response, secret, desk.settings)
    return response


def _note(
    connection: Connection,
    desk: IdentityDesk,
    parts: Parts,
    visit: Visit,
    action: str,
    subject: str | None,
    detail: dict[str, str],
) -> None:
    entry = AuditEntry(
        at=desk.wall(), role=Role.AGENT, actor=visit.name, action=action, subject=subject, detail=detail
    )
    parts.audit.append(connection, entry)
