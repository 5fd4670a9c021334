"""The frame of the page a request asked for."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request

from records.settings import SHANGHAI
from serving.pages.addresses import FOLDERS, home_url
from serving.pages.frame import Frame, frame
from serving.pages.session_frame import session_frame, sign_in_url
from serving.parts import Parts
from serving.reader import mode_of, words_of
from serving.wording import Words

KEPT_OUT = ("lang", "mode")
"""Choices that live in cookies once made; links to the same page leave them out."""


def frame_of(request: Request, title: str, *, synthetic: bool) -> Frame:
    """The frame of this request's page, before or after the parts are open."""
    parts: Parts | None = getattr(request.app.state, "parts", None)
    made = frame(
        words_of(request),
        mode_of(request),
        title,
        None if parts is None else parts.desk.clock.on(),
        request.url.path,
        {name: value for name, value in request.query_params.items() if name not in KEPT_OUT},
        catalogue_version=None if parts is None else parts.catalogue.version,
        synthetic=synthetic,
    )
    return replace(
        made,
        privacy_url=_own_url(request, "privacy"),
        inbox_url=_own_url(request, "inbox"),
        session=session_frame(request, words_of(request)),
        sign_in_url=sign_in_url(request),
        development=request.app.state.settings.profile == "development",
        features_on=None if parts is None else features_on(parts, words_of(request)),
        degraded=() if parts is None else parts.condition.told_on_pages,
    )


def features_on(parts: Parts, words: Words) -> str | None:
    """Up to when the register data of this server go, in words."""
    made = parts.watch.seen.features_at
    return None if made is None else words.day(made.astimezone(SHANGHAI).date())


def _own_url(request: Request, place: str) -> str | None:
    """A page of the subject named by the address; None where it names nobody."""
    folder, id_ = request.url.path.split("/")[1], request.path_params.get("id")
    kind = next((kind for kind, name in FOLDERS.items() if name == folder), None)
    return f"{home_url(kind, id_)}/{place}" if kind is not None and id_ is not None else None
