"""What a form sent: each field with all its values, and fields that must say something."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request

from serving.errors import Fault, InvalidRequest

LONGEST: Final = 2000
Fields = dict[str, list[str]]


async def sent_fields(request: Request) -> Fields:
    """The fields of a form, each with all its values."""
    form = await request.form()
    return {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}


Sent = Annotated[Fields, Depends(sent_fields)]


def text_in(sent: Fields, name: str) -> str:
    """A field that must say something. Raises InvalidRequest."""
    text = next(iter(sent.get(name, ())), "").strip()
    if not text or len(text) > LONGEST:
        raise InvalidRequest(Fault(f"/body/{name}", f"write something, of at most {LONGEST} characters"))
    return text


def one_in(sent: Fields, name: str, of: tuple[Any, ...]) -> Any:
    """A field that must be one of some words. Raises InvalidRequest."""
    text = next(iter(sent.get(name, ())), None)
    if text not in of:
        raise InvalidRequest(Fault(f"/body/{name}", f"one of {', '.join(of)}"))
    return text
