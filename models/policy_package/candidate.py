"""What may enter a policy package: one item for one scope item, as judged on one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from catalog.support_policy import ApplyMode
from catalog.vocabulary import Names, Scope
from models.recommendation import Verdict

CandidateKind = Literal["support_policy", "licence", "project_approval"]
Key = tuple[str, str]
"""(item, scope item)."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in yuan over the first year, and how it came about. `yuan` None is unknown, never zero."""

    yuan: float | None
    derivation: Names
    unknown: tuple[str, ...] = ()
    """Attributes whose value would tell the sum."""

    def __post_init__(self) -> None:
        """Refuse a sum that is not one (ValueError)."""
        if self.yuan is not None and not 0 <= self.yuan < float("inf"):
            raise ValueError(f"a sum must be a finite number of yuan, not {self.yuan!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing the enterprise may be advised to take up."""

    item: str
    scope_item: str
    scope: Scope
    kind: CandidateKind
    category: str
    """The catalogue's own category (a theme slug)."""
    names: Names
    verdict: Verdict
    money: Money | None
    """None for what brings no sum of money: a right, a licence, an approval."""
    apply_mode: ApplyMode
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    effort: int = 0
    """Papers still to bring."""
    uptake: float = 1.0
    """Learned chance in [0, 1] that this firm would apply and obtain; 1 where nothing was learned."""
    precedence: int = 0
    """Over how many items that exclude it a text calls it the better one; decides between equals."""
    settles: tuple[frozenset[str], ...] = ()
    """For an unknown verdict: the smallest sets of attributes that would settle it."""
    eligible_from: dt.date | None = None
    """For a false verdict that time alone will turn true."""

    def __post_init__(self) -> None:
        """Refuse a negative effort or precedence, or an uptake that is no probability (ValueError)."""
        if self.effort < 0:
            raise ValueError(f"{self.item}: effort counts papers and cannot be {self.effort}")
        if not 0.0 <= self.uptake <= 1.0:
            raise ValueError(f"{self.item}: uptake is a probability, not {self.uptake!r}")
        if self.precedence < 0:
            raise ValueError(f"{self.item}: precedence counts items and cannot be {self.precedence}")

    @property
    def key(self) -> Key:
        """What tells this candidate from every other."""
        return (self.item, self.scope_item)

    def open_on(self, on: dt.date) -> bool:
        """Whether it may be chosen on a day: decided eligible, and its deadline not yet past."""
        return self.verdict is Verdict.TRUE and (self.due_on is None or self.due_on >= on)
