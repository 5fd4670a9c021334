"""What became of one message, in the words that retrying, marking and the circuit breaker go by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from serving.delivery.parcel import Parcel

Verdict = Literal["delivered", "temporary", "permanent", "channel", "unsent"]
"""`temporary`: later it may work. `permanent`: never. `channel`: the way there is closed, to all messages.
`unsent`: not tried; it is given back as if it had not been claimed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one attempt. Codes and receipts name nobody."""

    key: str
    verdict: Verdict
    code: str | None = None
    receipt: str | None = None
    wait: float | None = None
    """Seconds that the receiver asks to be left alone with it."""
    unreachable: bool = False
    """The address itself is at fault, and nothing should be sent there any more."""


class Sender(Protocol):
    """A way out: hands messages over and says of each what became of it."""

    def send(self, parcels: Sequence[Parcel], until: dt.datetime) -> Sequence[Outcome]:
        """One outcome a message; never raises for what a receiver does. Begins nothing after `until`."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
