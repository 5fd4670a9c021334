"""The frame of the page a request asked for."""

from __future__ import annotations

from starlette.requests import Request

from serving.pages.frame import Frame, frame
from serving.parts import Parts
from serving.reader import mode_of, words_of

KEPT_OUT = ("lang", "mode")
"""Choices that live in cookies once made; links to the same page leave them out."""


def frame_of(request: Request, title: str, *, synthetic: bool) -> Frame:
    """The frame of this request's page, before or after the parts are open."""
    parts: Parts | None = getattr(request.app.state, "parts", None)
    return frame(
        words_of(request),
        mode_of(request),
        title,
        None if parts is None else parts.desk.clock.on(),
        request.url.path,
        {name: value for name, value in request.query_params.items() if name not in KEPT_OUT},
        catalogue_version=None if parts is None else parts.catalogue.version,
        synthetic=synthetic,
    )
