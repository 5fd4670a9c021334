"""What a worker does about arrivals: the shape of every step, and of what it asks of its stores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection

from records.arrivals import Arrival, Came


class Push(Protocol):
    """Brings the online features of subjects to what is on record, before anything is judged by them."""

    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        """By subject whose features could not be made: why. Raises what a store raises that is away.

        Pushing again, or something older, changes nothing.
        """
        ...


class Step(Protocol):
    """Does one thing for one subject, within the transaction that also marks the arrivals as done."""

    def concerns(self, came: Came) -> bool:
        """Whether what came asks for this step."""
        ...

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Do it, given all that came and concerns it; what follows is read off the records as they are.

        Done again it changes nothing more.
        """
        ...
