"""The part of a page's frame that says as whom it is read, and lets the reader change that."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from serving.identity.actor import Hat, Role
from serving.identity.desk import identity_of
from serving.identity.visit import Visit
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class HatLine:
    """One hat of the switcher."""

    key: str
    title: str
    whose: str | None
    worn: bool


@dataclass(frozen=True, slots=True)
class SessionFrame:
    """As whom a page is read."""

    worn: HatLine | None
    others: tuple[HatLine, ...]
    form_token: str
    """What every form that changes something must send back."""
    kiosk: bool
    idle_seconds: int
    """After so long unused the session is over; a kiosk goes back to its start page by itself."""


def session_frame(request: Request, words: Words) -> SessionFrame | None:
    """The frame of the request's session; None where nobody is signed in."""
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None or visit.session is None:
        return None
    lines = [hat_line(hat, hat == visit.worn, words) for hat in visit.hats]
    limits = identity_of(request).settings.limits[visit.mode]
    return SessionFrame(
        worn=next((line for line in lines if line.worn), None),
        others=tuple(line for line in lines if not line.worn),
        form_token=visit.session.form_token,
        kiosk=visit.mode == "kiosk",
        idle_seconds=int(limits.idle.total_seconds()),
    )


def hat_line(hat: Hat, worn: bool, words: Words) -> HatLine:
    """A hat in the reader's words."""
    whose = hat.label or hat.subject
    told = hat.role in (Role.CITIZEN,) or whose is None
    return HatLine(hat.key, words(f"role.{hat.role.value}"), None if told else whose, worn)


def sign_in_url(request: Request) -> str | None:
    """Where a reader nobody knows signs in; None once somebody is, and before the server is open."""
    opened = getattr(request.app.state, "identity", None) is not None
    nobody = getattr(request.state, "visit", None) is None
    return "/login" if opened and nobody else None
