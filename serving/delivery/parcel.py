"""What goes out as one message: one row of the outbox, or several of a digest, and where to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from records.tables.vocabulary import AddressChannel


@dataclass(frozen=True, slots=True)
class Piece:
    """One row of the outbox as it is claimed."""

    id: int
    key: str
    attempt: int
    payload: Mapping[str, Any] = field(repr=False)
    failures: int = 0

    @property
    def due_on(self) -> dt.date | None:
        """Until when it is to be done, where there is a date."""
        written = self.payload.get("due_on")
        return None if written is None else dt.date.fromisoformat(written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message. `key` is what the receiver applies once; it stays the same in every attempt."""

    key: str
    channel: AddressChannel
    subject: str = field(repr=False)
    topic: str = field(repr=False)
    address: str = field(repr=False)
    pieces: tuple[Piece, ...]
    expires_at: dt.datetime | None = None
    """The earliest of its pieces: from then on nothing of it may go out."""
    taken_over: bool = False
    """An earlier attempt was broken off, so that the receiver may have it."""

    @property
    def delicate(self) -> bool:
        """Whether nothing of it may be seen by others."""
        return any(bool(piece.payload["delicate"]) for piece in self.pieces)

    @property
    def is_code(self) -> bool:
        """Whether it carries the code that verifies its address."""
        return self.pieces[0].payload.get("template") == "code"
