"""How a problem is answered: problem+json to programs, a page to people, the same words to both."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.api.schema import FaultSchema, ProblemSchema
from serving.errors import PROBLEMS, Problem, problem_of
from serving.headers import HEADERS
from serving.identity.refusals import NotSignedIn
from serving.once_more import LOST, SAFE, SECOND
from serving.pages.error_context import error_context
from serving.pages.page_instead import page_instead
from serving.pages.rendering import Renderer
from serving.parts import Parts
from serving.reader import words_of
from serving.wording import Words

MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/v1/", "/health", "/ready", "/metrics", "/openapi.json")
RETRY_AFTER = "5"
"""Seconds after which what failed for a moment may be asked again."""

logger = logging.getLogger("qianmian.serving")


def register_errors(app: FastAPI) -> None:
    """Answer every typed error, and whatever else is raised, by the one map of serving.errors."""
    for kind in (*PROBLEMS, Exception):
        app.add_exception_handler(kind, answer)
    # FastAPI registers its own handlers of these two first.
    app.add_exception_handler(RequestValidationError, answer)
    app.add_exception_handler(HTTPException, answer)


async def answer(request: Request, error: Exception) -> Response:
    """The answer to an error. What was asked is not logged; only its kind and route are."""
    problem, words = problem_of(error), words_of(request)
    request.state.problem = problem.code
    if problem.status >= 500:
        route = getattr(request.scope.get("route"), "path", "no route")
        logger.error("%s on %s: %s", problem.code, route, type(error).__name__)
    # An unexpected error is answered outside all middleware, so it brings the headers itself.
    headers = {**HEADERS, **(getattr(error, "headers", None) or {})}
    _hear(request, error)
    if problem.status == 503:
        headers.setdefault("Retry-After", RETRY_AFTER)
    if request.url.path.startswith(FOR_PROGRAMS):
        body = problem_schema(problem, words, request.url.path).model_dump_json(exclude_defaults=True)
        return Response(body, problem.status, headers, MEDIA_TYPE)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(f"/login?{urlencode({'next': _going_on(request)})}", 303, headers)
    if (instead := await page_instead(request, problem)) is not None:
        return instead
    renderer: Renderer = request.app.state.renderer
    response = renderer.response("error", error_context(problem, request), problem.status)
    response.headers.update(headers)
    return response


def _hear(request: Request, error: Exception) -> None:
    """Let the condition of the server know what the records could not do."""
    parts: Parts | None = getattr(request.app.state, "parts", None)
    if parts is None or not isinstance(error, SQLAlchemyError):
        return
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    if broke and request.method in SAFE and not getattr(request.state, SECOND, False):
        setattr(request.state, LOST, True)
    else:
        parts.condition.heard_of_records(error)


def _going_on(request: Request) -> str:
    """Where a reader who signs in first goes on to; a form they sent is not sent again."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return asked if request.method == "GET" else "/"


def problem_schema(problem: Problem, words: Words, instance: str) -> ProblemSchema:
    """A problem as RFC 9457 has it."""
    return ProblemSchema(
        type=f"urn:qianmian:problem:{problem.code}",
        title=problem.title(words),
        status=problem.status,
        detail=problem.detail(words),
        instance=instance,
        errors=[FaultSchema(pointer=fault.pointer, message=fault.message) for fault in problem.faults],
    )
