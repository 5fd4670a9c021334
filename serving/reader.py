"""Who is reading: in which language and display mode, as the address or a cookie says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from serving.wording import LANGUAGES, Language, Mode, Words

LANGUAGE_COOKIE = "qianmian_lang"
MODE_COOKIE = "qianmian_mode"
A_YEAR = 365 * 24 * 3600
MODES: tuple[Mode, ...] = get_args(Mode)


def language_of(request: Request) -> Language:
    """The language asked for, else the one chosen before, else Chinese."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), "zh")


def mode_of(request: Request) -> Mode:
    """The display mode asked for, else the one chosen before, else the standard one."""
    chosen = request.query_params.get("mode") or request.cookies.get(MODE_COOKIE)
    return next((mode for mode in MODES if mode == chosen), "standard")


def words_of(request: Request) -> Words:
    """The words of the reader's language."""
    words: Mapping[Language, Words] = request.app.state.words
    return words[language_of(request)]


def remember(request: Request, response: Response) -> None:
    """Keep a choice made in the address for the next page; nothing else is ever kept in a cookie."""
    if request.query_params.get("lang") in LANGUAGES:
        _keep(request, response, LANGUAGE_COOKIE, language_of(request))
    if request.query_params.get("mode") in MODES:
        _keep(request, response, MODE_COOKIE, mode_of(request))


def _keep(request: Request, response: Response, name: str, value: str) -> None:
    """For a year; on a kiosk, for as long as its browser is open."""
    visit = getattr(request.state, "visit", None)
    age = None if visit is not None and visit.mode == "kiosk" else A_YEAR
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", path="/")
