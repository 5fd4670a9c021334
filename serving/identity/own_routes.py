"""What somebody lets others do and see for them: proxies, agents, and delicate matters."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from records.audit import AuditEntry
from records.database import writing
from records.grants import grant_proxy, show_delicate, withdraw_proxy
from records.openings import grant_agents, make_presence_code, take_presence_code, withdraw_from_agents
from records.tables import WHOLE
from records.tables.vocabulary import DiscreetAudience
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import SIGNED_IN, CurrentVisit
from serving.identity.account_page import account_page
from serving.identity.actor import Role
from serving.identity.desk import IdentityDesk, identity_of
from serving.identity.refusals import RoleRefused
from serving.identity.visit import Visit
from serving.parts import Parts

router = APIRouter(prefix="/account", include_in_schema=False)

DECIDING: Final = frozenset({Role.CITIZEN, Role.STAFF})
"""Who appoints others: the subject alone, an enterprise by its staff."""
LONGEST_PROXY: Final = dt.timedelta(days=366)
LONGEST_AGENT_DAYS: Final = 30
Text = Annotated[str, Form(min_length=1, max_length=200)]


@router.post("/code", dependencies=[SIGNED_IN.needed])
def code(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """A code to read out: to an agent, who may then open one's page, or to whom one is to be a proxy for."""
    desk, subject = identity_of(request), _subject(visit)
    with writing(parts.engine) as connection:
        made = make_presence_code(connection, subject, desk.wall())
        _note(connection, desk, parts, visit, "presence-code")
    return account_page(request, parts, visit, made)


@router.post("/proxies", dependencies=[SIGNED_IN.needed])
def appoint(
    request: Request, parts: OpenParts, visit: CurrentVisit, code: Text, scope: Text, until: Text
) -> Response:
    """Let whoever made a code act for one, within a scope, until a day."""
    desk, subject, on = identity_of(request), _subject(visit), parts.desk.clock.on()
    day = _day(until, on)
    if scope != WHOLE and scope.removeprefix("theme:") not in parts.catalogue.themes:
        raise InvalidRequest(Fault("/body/scope", "no theme of the catalogue"))
    with writing(parts.engine) as connection:
        other = take_presence_code(connection, code.replace(" ", ""), desk.wall())
        if other is None or other == subject:
            raise InvalidRequest(Fault("/body/code", "not a code that somebody else made just now"))
        grant_proxy(connection, subject, other, None if scope == WHOLE else scope, day, on)
        _note(connection, desk, parts, visit, "proxy-granted")
    return RedirectResponse("/account#proxies", 303)


@router.post("/proxies/withdraw", dependencies=[SIGNED_IN.needed])
def withdraw(request: Request, parts: OpenParts, visit: CurrentVisit, to: Text) -> Response:
    """Take back what a proxy was granted; it is gone from the next call on."""
    desk, subject = identity_of(request), _subject(visit)
    with writing(parts.engine) as connection:
        if withdraw_proxy(connection, subject, to):
            _note(connection, desk, parts, visit, "proxy-withdrawn")
    return RedirectResponse("/account#proxies", 303)


@router.post("/agents", dependencies=[SIGNED_IN.needed])
def let_agents(
    request: Request,
    parts: OpenParts,
    visit: CurrentVisit,
    days: Annotated[int, Form(ge=1, le=LONGEST_AGENT_DAYS)],
) -> Response:
    """Let service agents open one's page without one being there, for some days."""
    desk, subject = identity_of(request), _subject(visit)
    at = desk.wall()
    with writing(parts.engine) as connection:
        withdraw_from_agents(connection, subject, at)
        grant_agents(connection, subject, at, at + dt.timedelta(days=days))
        _note(connection, desk, parts, visit, "agents-granted")
    return RedirectResponse("/account#agents", 303)


@router.post("/agents/withdraw", dependencies=[SIGNED_IN.needed])
def stop_agents(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """Take that back; what an agent has open on it is closed."""
    desk, subject = identity_of(request), _subject(visit)
    with writing(parts.engine) as connection:
        withdraw_from_agents(connection, subject, desk.wall())
        _note(connection, desk, parts, visit, "agents-withdrawn")
    return RedirectResponse("/account#agents", 303)


@router.post("/discretion", dependencies=[SIGNED_IN.needed])
def discretion(
    request: Request,
    parts: OpenParts,
    visit: CurrentVisit,
    audience: Annotated[DiscreetAudience, Form()],
    shown: Annotated[bool, Form()] = False,
) -> Response:
    """Whether delicate matters are shown before proxies, or on shared screens."""
    desk, subject = identity_of(request), _subject(visit)
    with writing(parts.engine) as connection:
        show_delicate(connection, subject, audience, shown, desk.wall())
        _note(connection, desk, parts, visit, f"delicate-{'shown' if shown else 'hidden'}-{audience}")
    return RedirectResponse("/account#discretion", 303)


def _subject(visit: Visit) -> str:
    """For whom the wearer of the hat decides; RoleRefused for who decides for nobody, and on a kiosk."""
    hat = visit.worn
    if hat is None or hat.subject is None or hat.role not in DECIDING or visit.mode == "kiosk":
        raise RoleRefused
    return hat.subject


def _day(text: str, on: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(Fault("/body/until", "write a day as 2026-12-31")) from error
    if not on <= day <= on + LONGEST_PROXY:
        raise InvalidRequest(Fault("/body/until", "from today on, and no more than a year"))
    return day


def _note(connection: Connection, desk: IdentityDesk, parts: Parts, visit: Visit, action: str) -> None:
    hat = visit.worn
    entry = AuditEntry(
        at=desk.wall(),
        role="nobody" if hat is None else hat.role,
        actor=visit.name,
        action=action,
        subject=None if hat is None else hat.subject,
    )
    parts.audit.append(connection, entry)
