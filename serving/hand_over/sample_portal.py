"""A portal to look at: takes hand-overs as the real one would, and reports what came of them by /v1/cases.

Development only: whoever holds a token acts on it here, without signing in, and any outcome can be chosen.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import httpx
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.schema import CaseStatus
from records.database import writing
from records.settings import moment_of_writing
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.hand_over.signing import Handed, HandOverRefused, read_hand_over
from serving.hand_over.starting import PARAMETER, keys_of
from serving.identity.access import PUBLIC
from serving.identity.desk import identity_of
from serving.identity.forms import check_origin
from serving.identity.issuer.codes import Authorization
from serving.identity.issuer.personas import ensure_appointed, persona_of
from serving.identity.issuer.routes import PROGRAMS
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.parts import Parts
from serving.reader import words_of
from serving.settings import OWN_PORTAL_PATH, ServingSettings
from serving.wording import Words

CHANNEL: Final = "official:channel"
"""The persona whose program the sample portal reports with."""
LIVES: Final = dt.timedelta(minutes=30)
Outcome = Literal["finish", "submit", "refuse"]
REPORTS: Final[dict[str, tuple[CaseStatus, ...]]] = {
    "finish": ("open", "succeeded"),
    "submit": ("open",),
    "refuse": ("open", "failed"),
}


class NotInProduction(RuntimeError):
    """The sample portal lets anybody decide anything; it exists under the development profile alone."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A matter taken up and not yet decided."""

    handed: Handed
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class SamplePortalContext:
    """What sample_portal.html is rendered from."""

    t: Words
    frame: Frame
    title: str
    evidence: str
    action: str


class Visits:
    """What was taken up by one process; an id that was used once is refused ever after."""

    def __init__(self) -> None:
        self._open: dict[str, Visit] = {}
        self._used: set[str] = set()
        self._guard = threading.Lock()

    def begin(self, handed: Handed, at: dt.datetime) -> str:
        """Take a matter up; the visit's name. Raises HandOverRefused for an id that was used before."""
        with self._guard:
            if handed.id in self._used:
                raise HandOverRefused("taken up before")
            self._used.add(handed.id)
            self._open = {name: one for name, one in self._open.items() if at - one.since < LIVES}
            name = secrets.token_urlsafe(18)
            self._open[name] = Visit(handed, at)
            return name

    def end(self, name: str) -> Handed | None:
        """The matter of a visit, which is over with it; None where there is none."""
        with self._guard:
            found = self._open.pop(name, None)
        return None if found is None else found.handed


def sample_portal(settings: ServingSettings) -> APIRouter:
    """The portal's routes. Raises NotInProduction under any profile but development."""
    if settings.profile != "development":
        raise NotInProduction("the sample portal is for development only: set QIANMIAN_PORTAL_ADDRESS")
    router, visits = APIRouter(prefix=OWN_PORTAL_PATH, include_in_schema=False), Visits()

    @router.get("", dependencies=[PUBLIC.needed])
    def take_up(
        request: Request, parts: OpenParts, token: Annotated[str, Query(alias=PARAMETER, max_length=20_000)]
    ) -> Response:
        """Check a hand-over and show what it is about; a second time it is refused."""
        desk = identity_of(request)
        try:
            handed = read_hand_over(
                token, keys_of(parts).public(), desk.settings.address, str(settings.portal), desk.wall()
            )
            name = visits.begin(handed, desk.wall())
        except HandOverRefused as refused:
            raise InvalidRequest(Fault(f"/query/{PARAMETER}", str(refused))) from refused
        return _shown(request, parts, handed, name)

    @router.post("/{visit}", dependencies=[PUBLIC.needed])
    async def decide(request: Request, visit: str, parts: OpenParts) -> Response:
        """Report the outcome that was chosen, and send the reader back."""
        check_origin(request, settings)
        chosen = (await request.form()).get("outcome")
        if chosen not in REPORTS:
            raise InvalidRequest(Fault("/body/outcome", "is none of finish, submit, refuse"))
        handed = visits.end(visit)
        if handed is None:
            raise InvalidRequest(Fault("/path/visit", "is over; start again from the page"))
        await _report(request, parts, handed, REPORTS[str(chosen)])
        return RedirectResponse(handed.return_to, 303)

    return router


def _shown(request: Request, parts: Parts, handed: Handed, name: str) -> Response:
    words, item = words_of(request), parts.catalogue.items[handed.item]
    context = SamplePortalContext(
        t=words,
        frame=frame_of(request, words("portal.title"), synthetic=parts.samples.synthetic),
        title=words.name(item.names),
        evidence=words("portal.evidence", n=len(handed.evidence)),
        action=f"{OWN_PORTAL_PATH}/{name}",
    )
    return page(request, "sample_portal", context)


async def _report(request: Request, parts: Parts, handed: Handed, statuses: tuple[CaseStatus, ...]) -> None:
    """Hand the reports in as a portal does: over HTTP, with a channel's token."""
    settings: ServingSettings = request.app.state.settings
    at = moment_of_writing(parts.settings)
    reports = [
        {
            "client_id": f"{handed.id}-{status}",
            "id": f"portal-{handed.id}",
            "subject": handed.subject,
            "scope_item": handed.scope_item,
            "item": handed.item,
            "cycle": handed.cycle,
            "status": status,
            "channel": "online",
            "at": (at + dt.timedelta(microseconds=place)).isoformat(),
        }
        for place, status in enumerate(statuses)
    ]
    transport = httpx.ASGITransport(app=request.app)
    token = _token(request, parts)
    async with httpx.AsyncClient(transport=transport, base_url=settings.address) as portal:
        answer = await portal.post(
            "/v1/cases", json={"cases": reports}, headers={"authorization": f"Bearer {token}"}
        )
    answer.raise_for_status()


def _token(request: Request, parts: Parts) -> str:
    """An access token of the embedded issuer for the channel's program."""
    desk, signing = identity_of(request), request.app.state.signing
    with writing(parts.engine) as connection:
        persona = persona_of(connection, CHANNEL)
        if persona is None:
            raise LookupError(f"the embedded issuer knows no {CHANNEL}")
        ensure_appointed(connection, persona, desk, parts)
    agreed = Authorization(PROGRAMS, "", "", None, "openid qianmian:assess", CHANNEL, None, desk.wall())
    tokens: dict[str, Any] = signing.tokens(agreed, desk.settings, desk.wall())
    return str(tokens["access_token"])
