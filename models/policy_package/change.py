"""What became of an enterprise's policy package from one day to another.

Sums are set beside each other only where both are known, and never added up: what is known of a package is
its confirmed total (`total.py`), and the difference of two of these is all that is said in yuan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.vocabulary import Names
from models.policy_package.candidate import Key
from models.policy_package.package import PackageEntry, PolicyPackage

LossReason = Literal["ended", "closed", "replaced", "not_eligible", "undetermined", "taken_up"]
"""Why an item is in a package no longer: its text ended, its window closed, a better one excludes it, the
firm no longer qualifies, it is not known any more whether it does, or it was applied for or obtained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One item of a package, as far as a change is told by it."""

    item: str
    scope_item: str
    names: Names
    category: str
    needs_application: bool
    brings_money: bool
    yuan: float | None
    """Over the first year; None is unknown, or that it brings no money."""
    due_on: dt.date | None

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return (self.item, self.scope_item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A package as it was on a day."""

    on: dt.date
    catalogue_version: str
    held: tuple[Held, ...]
    total: float | None
    """What it brings at least, confirmed; None: no sum is known."""
    unknown: int
    """Items that bring money of unknown amount."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An item that went, and why."""

    was: Held
    why: LossReason


@dataclass(frozen=True, slots=True)
class Altered:
    """An item that stayed, with another sum or another last day."""

    was: Held
    now: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """The difference of two packages of one enterprise."""

    since: dt.date
    on: dt.date
    catalogue_version: str
    added: tuple[Held, ...]
    lost: tuple[Lost, ...]
    altered: tuple[Altered, ...]
    total_before: float | None
    total_now: float | None
    unknown_before: int | None
    unknown_now: int | None
    """Items that bring money of unknown amount; None where that is not told."""

    @property
    def yuan_more(self) -> float | None:
        """By how much the confirmed total grew, or (negative) shrank; None where either is unknown."""
        if self.total_before is None or self.total_now is None:
            return None
        return round(self.total_now - self.total_before, 2)

    @property
    def apply_by(self) -> dt.date | None:
        """The first last day among what was added or altered and is to be applied for."""
        open_ = (*self.added, *(each.now for each in self.altered))
        days = [held.due_on for held in open_ if held.needs_application and held.due_on is not None]
        return min(days, default=None)


def snapshot_of(package: PolicyPackage) -> Snapshot:
    """What a change will be told by."""
    return Snapshot(
        on=package.on,
        catalogue_version=package.catalogue_version,
        held=tuple(
            sorted(
                (_held(entry, group.category) for group in package.groups for entry in group.entries),
                key=lambda held: held.key,
            )
        ),
        total=package.total.yuan,
        unknown=package.total.unknown,
    )


def change_between(
    before: Snapshot, now: Snapshot, why: Callable[[Held], LossReason]
) -> PackageChange | None:
    """What is worth telling of it; None where nothing is.

    An item that was taken up went for the best of reasons and is no news to the firm. A last day that moved
    back is told beside other news only: windows that come round move so of themselves.
    """
    old, new = _by_key(before), _by_key(now)
    added = tuple(held for key, held in new.items() if key not in old)
    gone = (Lost(held, why(held)) for key, held in old.items() if key not in new)
    lost = tuple(each for each in gone if each.why != "taken_up")
    stayed = [Altered(old[key], held) for key, held in new.items() if key in old and _differs(old[key], held)]
    if not (added or lost or any(_is_news(each) for each in stayed)):
        return None
    return PackageChange(
        since=before.on,
        on=now.on,
        catalogue_version=now.catalogue_version,
        added=added,
        lost=lost,
        altered=tuple(stayed),
        total_before=before.total,
        total_now=now.total,
        unknown_before=before.unknown,
        unknown_now=now.unknown,
    )


def _held(entry: PackageEntry, category: str) -> Held:
    return Held(
        item=entry.item,
        scope_item=entry.scope_item,
        names=entry.names,
        category=category,
        needs_application=entry.action.needs_application,
        brings_money=entry.money is not None,
        yuan=None if entry.money is None else entry.money.yuan,
        due_on=entry.due_on,
    )


def _by_key(snapshot: Snapshot) -> Mapping[Key, Held]:
    return {held.key: held for held in snapshot.held}


def _differs(was: Held, now: Held) -> bool:
    return (was.yuan, was.brings_money, was.due_on) != (now.yuan, now.brings_money, now.due_on)


def _is_news(each: Altered) -> bool:
    was, now = each.was, each.now
    if (was.yuan, was.brings_money) != (now.yuan, now.brings_money):
        return True
    return now.due_on is not None and (was.due_on is None or now.due_on < was.due_on)
