"""One rendered page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from serving.pages.rendering import Context, Renderer
from serving.reader import remember


def page(request: Request, name: str, context: Context, status: int = 200) -> Response:
    """A rendered page that remembers the reader's language and mode."""
    renderer: Renderer = request.app.state.renderer
    response = renderer.response(name, context, status)
    remember(request, response)
    return response
