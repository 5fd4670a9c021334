"""Whether a form that changes something comes from a page of this very session."""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from anyio import from_thread
from starlette.datastructures import FormData
from starlette.requests import Request

from serving.identity.refusals import ForeignForm
from serving.settings import ServingSettings

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "form_token"
HEADER: Final = "x-form-token"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def check_form(request: Request, form_token: str, settings: ServingSettings) -> None:
    """Raise ForeignForm unless the request is safe, or carries the session's own form token from our pages.

    To be called from a worker thread, for the body may have to be read.
    """
    if request.method in SAFE:
        return
    check_origin(request, settings)
    sent = request.headers.get(HEADER) or _field(request)
    if sent is None or not hmac.compare_digest(sent.encode(), form_token.encode()):
        raise ForeignForm


def check_origin(request: Request, settings: ServingSettings) -> None:
    """Raise ForeignForm when the browser says that another site sent the request.

    Our pages send no referrer, so that their own forms may come with the origin `null`; the browsers
    that do that say `same-origin` beside it.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise ForeignForm
    if origin is not None and origin != "null" and not _own(origin, request, settings):
        raise ForeignForm


def _own(origin: str, request: Request, settings: ServingSettings) -> bool:
    if origin == settings.address:
        return True
    # In development the same server answers to every name of the loopback.
    named = settings.profile == "development" and urlsplit(origin).netloc
    return bool(named) and named == request.headers.get("host")


def _field(request: Request) -> str | None:
    if not request.headers.get("content-type", "").lower().startswith(FORMS):
        return None
    sent = from_thread.run(_form, request).get(FIELD)
    return sent if isinstance(sent, str) else None


async def _form(request: Request) -> FormData:
    return await request.form()
