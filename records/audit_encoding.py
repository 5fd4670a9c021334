"""How an audit row is written down to be hashed: in one way only, on every database."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes

Scalar = str | int | float | bool | None
"""What a detail's value may be."""
_VERSION = 1


def row_hash(sequence: int, content: Mapping[str, Any], previous: str) -> str:
    """SM3 of a row of the chain: its place, what it says, and the row it follows."""
    return _sm3(_written([_VERSION, "row", sequence, *_fields(content), previous]))


def batch_hash(views: Iterable[Mapping[str, Any]]) -> str:
    """SM3 of the views of one batch, in their order."""
    return _sm3(*(_written([_VERSION, "view", *_fields(view)]) + b"\n" for view in views))


def check_detail(detail: Mapping[str, Scalar]) -> None:
    """ValueError for a detail that two databases would not give back alike."""
    for name, value in detail.items():
        if not isinstance(value, str | int | float | bool | None):
            raise ValueError(f"audit detail {name}: {type(value).__name__} is no plain value")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"audit detail {name}: give a finite number")
    check_text(*detail, *(value for value in detail.values() if isinstance(value, str)))


def check_text(*texts: str | None) -> None:
    """ValueError for text that no database can keep."""
    for text in texts:
        if text is not None and ("\0" in text or not _encodable(text)):
            raise ValueError("audit text holds a character that cannot be kept")


def _fields(content: Mapping[str, Any]) -> list[Any]:
    at: dt.datetime = content["at"]
    detail = {name: _plain(value) for name, value in content["detail"].items()}
    named = [content[name] for name in ("role", "actor", "action", "subject_token", "purpose")]
    return [at.astimezone(dt.UTC).isoformat(timespec="microseconds"), *named, detail]


def _plain(value: Scalar) -> Scalar:
    # A database may give 1.0 back as 1, and 1e22 as a whole number.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(parts: list[Any]) -> bytes:
    return json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sm3(*parts: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize().hex()
