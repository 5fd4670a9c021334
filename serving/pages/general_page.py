"""The page for a subject who switched recommendation off: the same bytes for everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from models.homepage.general import Channel
from serving.pages.addresses import home_url
from serving.pages.frame import frame
from serving.pages.general_context import CHANNELS, districts_of, general_context
from serving.pages.rendering import Renderer
from serving.pages.request_frame import features_on
from serving.parts import Parts
from serving.reader import mode_of, remember, words_of

Going = Literal["duties", "privacy"]
DESTINATIONS: Final[dict[Going, str]] = {"duties": "/items?standing=should_do", "privacy": "/privacy"}
"""Where links that name nobody lead, below the address of whoever follows them."""


def general_page(
    request: Request, parts: Parts, kind: SubjectKind, subject: str, because: str | None = None
) -> Response:
    """The page, or the way to what the subject asks for; what the address picks wrongly is not picked.

    `because` is the trouble for which it stands in for a homepage; None where it was asked for.
    """
    going = request.query_params.get("go")
    if going in DESTINATIONS and because is None:
        return RedirectResponse(f"{home_url(kind, subject)}{DESTINATIONS[going]}", 303)
    channel: Channel | None = next((c for c in CHANNELS if c == request.query_params.get("channel")), None)
    asked = request.query_params.get("district")
    district = asked if asked in districts_of(parts.catalogue) else None
    words = words_of(request)
    picked = {name: value for name, value in (("channel", channel), ("district", district)) if value}
    # The frame is made of nothing but the reader's choices: no address, no session, no name.
    page_frame = frame(
        words,
        mode_of(request),
        words(f"general.title_{kind.value}"),
        parts.desk.clock.on(),
        "",
        picked,
        catalogue_version=parts.catalogue.version,
        synthetic=parts.samples.synthetic,
    )
    page = parts.desk.general(kind, channel)
    page_frame = replace(
        page_frame,
        privacy_url=None if because else "?go=privacy",
        inbox_url="/inbox",
        stands_in=because is not None,
        account_url="/account",
        features_on=features_on(parts, words),
        degraded=(*((because,) if because else ()), *parts.condition.told_on_pages),
    )
    context = general_context(page, parts.catalogue, words, page_frame, district)
    renderer: Renderer = request.app.state.renderer
    response = renderer.response("general", context)
    remember(request, response)
    return response
