"""How values come about: the small language in which a world file writes draws."""

from __future__ import annotations

import msgspec

Scalar = bool | float | str
Shares = dict[str, float]


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one attribute's value comes about; exactly one way of drawing.

    `present` is the share for whom the thing exists at all (else absent). `days` is a range of
    days from the city's first day. `cases` replace the draw where their condition holds; the
    first that holds wins.
    """

    value: Scalar | None = None
    share: float | None = None
    choice: Shares | None = None
    lognormal: tuple[float, float] | None = None
    """Median and sigma."""
    normal: tuple[float, float] | None = None
    uniform: tuple[float, float] | None = None
    poisson: float | None = None
    days: tuple[int, int] | None = None
    expr: str | None = None
    absent: bool = False
    add: float | None = None
    """In an event: added to the value held."""
    years: float | None = None
    """In an event: the day so many years after the event."""
    after: int | None = None
    """In an event: the day so many days after the event."""
    present: float = 1.0
    low: float | None = None
    high: float | None = None
    round: float | None = None
    source: str = "assumed"
    cases: tuple[Case, ...] = ()


class Case(Draw, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draw for the rows where `when` (SQL over attributes drawn earlier) holds."""

    when: str
