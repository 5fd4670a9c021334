"""Contexts into HTML: one environment that always escapes and never forgives a missing name."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from serving.pages.frame import Frame
from serving.wording import Words

TEMPLATES = Path(__file__).parent.parent / "templates"


class Context(Protocol):
    """What every page's context holds beside its own fields."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def t(self) -> Words:
        """The words of the reader's language."""
        ...

    @property
    def frame(self) -> Frame:
        """What the layout needs."""
        ...


def environment() -> Environment:
    """The template environment: autoescape on, undefined names are errors."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Renderer:
    """Renders `<name>.html` from the one context that belongs to it."""

    def __init__(self) -> None:
        self._environment = environment()

    def html(self, name: str, context: Context) -> str:
        """The page as text."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        return self._environment.get_template(f"{name}.html").render(values)

    def response(self, name: str, context: Context, status: int = 200) -> HTMLResponse:
        """The page as a response in the context's language."""
        headers = {"Content-Language": context.t.html_lang, "Cache-Control": "private, no-store"}
        return HTMLResponse(self.html(name, context), status_code=status, headers=headers)
