"""Worded messages as text and HTML; whatever stands in a payload is only ever text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from serving.delivery.wording import Worded, words

TEMPLATES: Final = Path(__file__).parent / "templates"


def as_html(worded: Worded) -> str:
    """The message for a reader of HTML."""
    return _template("letter.html").render(_values(worded))


def as_text(worded: Worded) -> str:
    """The message as plain text."""
    return _template("letter.txt").render(_values(worded)).strip() + "\n"


def _values(worded: Worded) -> dict[str, object]:
    stop = "unsubscribe_all" if worded.template == "digest" else "unsubscribe"
    return {"tellings": worded.tellings, "unsubscribe": worded.unsubscribe, "stop": stop, "words": words()}


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        # Plain text has nothing to escape from; every line of it is one line already.
        autoescape=name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template(name)
