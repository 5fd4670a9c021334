"""The page on which nobody is signed in any more; also the start page of a kiosk."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.reader import words_of
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class SignedOutContext:
    """What signed_out.html is rendered from."""

    t: Words
    frame: Frame
    heading: str
    lead: str
    there: str | None
    """Where to end the session at the issuer too."""
    again: str
    """Where to sign in."""


def welcome_page(request: Request) -> Response:
    """The way in, for whoever is not signed in."""
    words = words_of(request)
    context = SignedOutContext(
        t=words,
        frame=frame_of(request, words("welcome.title"), synthetic=False),
        heading=words("welcome.title"),
        lead=words("welcome.lead"),
        there=None,
        again="/login",
    )
    return page(request, "signed_out", context)


def signed_out_page(request: Request, there: str | None, *, kiosk: bool = False) -> Response:
    """Says that the session here is over, and leads on."""
    words = words_of(request)
    request.state.visit = None
    title, lead = words("signed_out.title"), words("signed_out.lead")
    if kiosk:
        title, lead = words("kiosk.title"), words("kiosk.lead")
    context = SignedOutContext(
        t=words,
        frame=frame_of(request, title, synthetic=False),
        heading=title,
        lead=lead,
        there=there,
        again="/login?kiosk=1" if kiosk else "/login",
    )
    response = page(request, "signed_out", context)
    if there is not None:
        response.headers["Refresh"] = f"0; url={there}"
    return response
