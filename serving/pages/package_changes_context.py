"""What changed of a policy package, as the firm's page tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from models.policy_package.change import Altered, Held, Lost, PackageChange
from records.package_changes import Recorded
from serving.pages.cards import Reader
from serving.pages.offices import item_url

SHOWN = 3
"""Changes on the page; earlier ones are in the interface for programs."""


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """One item that came, went or altered. Without a `url` the catalogue has it no longer."""

    title: str
    url: str | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedItems:
    """What happened to some items."""

    title: str
    items: tuple[ChangedItem, ...]


@dataclass(frozen=True, slots=True)
class ChangeOfDay:
    """One change."""

    id: str
    day: str
    date: str
    groups: tuple[ChangedItems, ...]
    sums: tuple[str, ...]


def changes_shown(kept: Iterable[Recorded], catalogue: Catalogue, reader: Reader) -> tuple[ChangeOfDay, ...]:
    """Changes in the reader's words, the latest first."""
    return tuple(_change(one, catalogue, reader) for one in kept)


def _change(kept: Recorded, catalogue: Catalogue, reader: Reader) -> ChangeOfDay:
    words, change = reader.words, kept.change
    groups = (
        ChangedItems(words("package.added"), tuple(_added(h, catalogue, reader) for h in change.added)),
        ChangedItems(words("package.lost"), tuple(_lost(each, catalogue, reader) for each in change.lost)),
        ChangedItems(
            words("package.altered"), tuple(_altered(each, catalogue, reader) for each in change.altered)
        ),
    )
    return ChangeOfDay(
        id=f"change-{kept.id}",
        day=words.day(change.on, reader.on),
        date=change.on.isoformat(),
        groups=tuple(group for group in groups if group.items),
        sums=tuple(_sums(change, reader)),
    )


def _added(held: Held, catalogue: Catalogue, reader: Reader) -> ChangedItem:
    return _item(held, catalogue, reader, (_money(held, reader), _apply_by(held.due_on, held, reader)))


def _lost(lost: Lost, catalogue: Catalogue, reader: Reader) -> ChangedItem:
    return _item(lost.was, catalogue, reader, (reader.words(f"package.why.{lost.why}"),))


def _altered(each: Altered, catalogue: Catalogue, reader: Reader) -> ChangedItem:
    was, now = each.was, each.now
    money = None
    if (was.yuan, was.brings_money) != (now.yuan, now.brings_money):
        money = reader.words(
            "package.sum_altered", before=_yuan(was.yuan, reader), now=_yuan(now.yuan, reader)
        )
    day = _apply_by(now.due_on, now, reader) if was.due_on != now.due_on else None
    return _item(now, catalogue, reader, (money, day))


def _item(held: Held, catalogue: Catalogue, reader: Reader, remarks: tuple[str | None, ...]) -> ChangedItem:
    item = catalogue.items.get(held.item)
    return ChangedItem(
        title=reader.words.name(held.names),
        url=None if item is None else item_url(item, reader.ref, held.scope_item),
        remarks=tuple(remark for remark in remarks if remark is not None),
    )


def _money(held: Held, reader: Reader) -> str | None:
    """The sum that is known; that it is not known is said too, never left to be read as nought."""
    return reader.words("package.sum", yuan=_yuan(held.yuan, reader)) if held.brings_money else None


def _yuan(yuan: float | None, reader: Reader) -> str:
    return (
        reader.words("package.sum_unknown")
        if yuan is None
        else reader.words("package.yuan", n=f"{yuan:,.0f}")
    )


def _apply_by(day: dt.date | None, held: Held, reader: Reader) -> str | None:
    if day is None or not held.needs_application:
        return None
    return reader.words("package.apply_by", date=reader.words.day(day, reader.on))


def _sums(change: PackageChange, reader: Reader) -> Iterable[str]:
    words = reader.words
    if change.yuan_more:
        key = "package.total_more" if change.yuan_more > 0 else "package.total_less"
        yield words(key, yuan=_yuan(abs(change.yuan_more), reader))
    if change.unknown_now:
        yield words("package.unknown_sums", n=change.unknown_now)
