"""What a request's handlers are handed: the open parts, and the reader's words."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from serving.parts import Parts


def parts_of(request: Request) -> Parts:
    """The parts opened when the application started, as far as whoever was let in may see."""
    seen: Parts | None = getattr(request.state, "parts", None)
    parts: Parts = request.app.state.parts
    return parts if seen is None else seen


OpenParts = Annotated[Parts, Depends(parts_of)]
Id = Annotated[str, Path(min_length=1, max_length=200)]
"""An opaque id in an address."""
