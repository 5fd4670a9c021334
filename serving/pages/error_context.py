"""The context of an error page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from serving.errors import Problem
from serving.pages.frame import Frame
from serving.pages.request_frame import frame_of
from serving.reader import words_of
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """What error.html is rendered from."""

    t: Words
    frame: Frame
    heading: str
    detail: str


def error_context(problem: Problem, request: Request) -> ErrorContext:
    """A problem in the reader's words; it may come before anything is open."""
    words = words_of(request)
    return ErrorContext(
        t=words,
        frame=frame_of(request, problem.title(words), synthetic=False),
        heading=problem.title(words),
        detail=problem.detail(words),
    )
