"""The page of a subject that cannot be made just now: the one that is the same for everybody, and says so."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.errors import NOT_SAVED, UNREADABLE, Problem
from serving.overload import SHED
from serving.pages.addresses import FOLDERS
from serving.pages.general_page import general_page
from serving.parts import Parts
from serving.reader import language_of, mode_of

_HOMEPAGE: Final = re.compile(rf"/({'|'.join(FOLDERS.values())})/[^/]+")
_KINDS: Final = {folder: kind for kind, folder in FOLDERS.items()}
_BECAUSE: Final = frozenset({UNREADABLE, SHED, *NOT_SAVED})
_Pages = tuple[dt.date, dict[object, tuple[bytes, dict[str, str]]], CapacityLimiter]
"""Of one day, as made, and what makes them."""
_MAKERS: Final = 2
"""Threads that make such pages, beside those of the handlers: these may all be taken when one is needed."""


async def page_instead(request: Request, problem: Problem) -> Response | None:
    """What stands in for a homepage; None for every other page and every other problem.

    Nobody's data are read for it and it names nobody, so that it needs no sign-in either: who asks for a
    homepage they may not see is shown the same.
    """
    parts: Parts | None = getattr(request.app.state, "parts", None)
    found = _HOMEPAGE.fullmatch(request.url.path)
    if parts is None or found is None or request.method != "GET" or problem.code not in _BECAUSE:
        return None
    because = "overloaded" if problem.code == SHED else "records_away"
    if problem.code == SHED:
        parts.condition.begins(because, passing=True)
    return await _kept(request, parts, found[1], because)


async def _kept(request: Request, parts: Parts, folder: str, because: str) -> Response:
    """As made before for a reader of the same language and mode: under a rush there is no time for more."""
    made: Response
    state, amiss, on = request.app.state, parts.condition.told_on_pages, parts.desk.clock.on()
    key = (folder, because, language_of(request), mode_of(request), amiss, on)
    pages: _Pages | None = getattr(state, "pages_instead", None)
    if pages is None or pages[0] != on:
        pages = (on, {}, CapacityLimiter(_MAKERS))
        state.pages_instead = pages
    plain = not request.query_params
    if plain and key in pages[1]:
        body, headers = pages[1][key]
        return HTMLResponse(body, headers=headers)
    made = await to_thread.run_sync(
        general_page, request, parts, _KINDS[folder], "", because, limiter=pages[2]
    )
    if plain:
        kept = ("content-language", "cache-control")
        pages[1][key] = (bytes(made.body), {name: made.headers[name] for name in kept})
    return made
