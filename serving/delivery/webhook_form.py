"""What a gateway is sent and answers, version 1; `schemas/webhook-1.json` publishes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

SCHEMA: Final = Path(__file__).parent / "schemas" / "webhook-1.json"
Status = Literal["accepted", "duplicate", "retry", "refused", "unreachable"]


class Text(msgspec.Struct, frozen=True):
    """Words in both languages."""

    zh: str
    en: str


class Outgoing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message to hand on. Nothing in it names the subject but the address it goes to."""

    key: str
    to: str
    template: str
    title: Text
    text: Text
    link: str
    delicate: bool
    due_on: str | None = None
    expires_at: str | None = None
    unsubscribe: str | None = None


class Request(msgspec.Struct, frozen=True):
    """All that one request hands over."""

    version: Literal["1"]
    channel: str
    messages: tuple[Outgoing, ...]


class Result(msgspec.Struct, frozen=True):
    """What the gateway says of one message."""

    key: str
    status: Status
    receipt: str | None = None
    retry_after: float | None = None
    """Seconds."""
    code: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The gateway's answer to a request."""

    results: tuple[Result, ...]
