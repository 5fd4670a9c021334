"""A policy package as its enterprise reads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog.support_policy import ApplyMode
from catalog.vocabulary import Names
from models.policy_package.candidate import CandidateKind, Money
from models.recommendation import Reason


@dataclass(frozen=True, slots=True)
class CallToAction:
    """What the firm does to have it; `needs_application` is false where it comes by itself."""

    mode: ApplyMode
    needs_application: bool
    text: Names


@dataclass(frozen=True, slots=True)
class PackageEntry:
    """One item of the package for one scope item."""

    item: str
    scope_item: str
    kind: CandidateKind
    names: Names
    money: Money | None
    in_total: bool
    """Whether its sum is part of the total: known, and confirmed to combine with all others counted."""
    combinable_with: tuple[str, ...]
    """Chosen items that a cited text says it combines with."""
    not_confirmed_with: tuple[str, ...]
    """Chosen items of which no text says whether they combine with it."""
    opens_on: dt.date | None
    due_on: dt.date | None
    papers: int
    uptake: float
    action: CallToAction
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PackageGroup:
    """The entries of one of the catalogue's own categories; never empty."""

    category: str
    names: Names
    entries: tuple[PackageEntry, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """What the package is known to bring at least, in yuan over the first year. None: no sum is known.

    `yuan` adds only known sums that cited texts let stand together; the rest is counted, not summed.
    """

    yuan: float | None
    counted: tuple[str, ...]
    not_summed: tuple[str, ...]
    """Items of known sum that no text confirms to combine with those counted."""
    unknown: int
    """Items that bring money of unknown amount."""
    text: Names


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An eligible item left out: for which chosen ones, and why."""

    item: str
    scope_item: str
    names: Names
    money: Money | None
    chosen_instead: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An item that an answer, a consent or some waiting would open."""

    item: str
    scope_item: str
    names: Names
    money: Money | None
    settles: tuple[frozenset[str], ...]
    """The smallest sets of attributes that would decide it (not necessarily in favour)."""
    eligible_from: dt.date | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class PolicyPackage:
    """The best combinable set for one enterprise on one day, and what stands behind it."""

    enterprise: str
    on: dt.date
    catalogue_version: str
    groups: tuple[PackageGroup, ...]
    total: Total
    papers: int
    """Papers to bring in all."""
    given_up: tuple[GivenUp, ...]
    near_misses: tuple[NearMiss, ...]
    weighed_by: str
    """`rules` where every uptake is 1, or the name and version of the uptake model."""

    @property
    def entries(self) -> tuple[PackageEntry, ...]:
        """All entries, in page order."""
        return tuple(entry for group in self.groups for entry in group.entries)
