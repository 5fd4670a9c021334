"""What changed of a firm's policy package, as far as whoever asks is shown its items."""

from __future__ import annotations

from dataclasses import replace

from catalog.vocabulary import SubjectKind
from models.policy_package.change import Held, PackageChange
from records.database import reading
from records.package_changes import Recorded, package_changes
from records.subjects import UnknownSubject, kind_of
from serving.desk import Desk
from serving.identity.refusals import KeptBack


def package_news(
    desk: Desk, enterprise: str, before: int | None = None, most: int = 20
) -> tuple[Recorded, ...]:
    """An enterprise's changes, the latest first; less what is kept back here. Raises UnknownSubject.

    Where anything is kept back no total is told, for it would tell of what is; and a change of which nothing
    is left is not told of at all.
    """
    with reading(desk.engine) as connection:
        if kind_of(connection, enterprise) is not SubjectKind.ENTERPRISE:
            raise UnknownSubject(enterprise)
        kept = package_changes(connection, enterprise, before, most)
    if _shows_everything(desk):
        return kept
    sieved = (replace(one, change=_sieved(desk, one.change)) for one in kept)
    return tuple(one for one in sieved if one.change.added or one.change.lost or one.change.altered)


def _shows_everything(desk: Desk) -> bool:
    try:
        desk.check_whole()
    except KeptBack:
        return False
    return True


def _sieved(desk: Desk, change: PackageChange) -> PackageChange:
    less = replace(
        change,
        added=tuple(held for held in change.added if _shows(desk, held)),
        lost=tuple(lost for lost in change.lost if _shows(desk, lost.was)),
        altered=tuple(each for each in change.altered if _shows(desk, each.now)),
    )
    if less == change:
        return change
    return replace(less, total_before=None, total_now=None, unknown_before=None, unknown_now=None)


def _shows(desk: Desk, held: Held) -> bool:
    """What the catalogue has no longer cannot be weighed, so it is kept back."""
    item = desk.catalogue.items.get(held.item)
    if item is None:
        return False
    try:
        desk.check_shown(item)
    except KeptBack:
        return False
    return desk.shows_scope_item(item, held.scope_item)
