"""Which items' terms change though their conditions may not: deadlines, papers, amounts, validity."""

from __future__ import annotations

from typing import Final

from catalog.catalogue import Catalogue
from catalog.deadline import anchor_of
from catalog.difference import JUDGING, TABLES, Change, difference

_CONDITIONS: Final = frozenset({"criteria", "status", "subject", "scope"})
"""What shows in the verdicts themselves."""
_THINGS: Final = ("public_services", "support_policies", "events")


def changes_that_judge(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """The changes that can change somebody's standing."""
    return tuple(change for change in difference(old, new) if change.judging)


def changed_terms(old: Catalogue, new: Catalogue) -> frozenset[str]:
    """The items and events of both catalogues that ask for, give or date something else than before."""
    changed: dict[str, set[str]] = {table: set() for table in TABLES}
    for change in changes_that_judge(old, new):
        if change.kind != "changed" or change.field in JUDGING - _CONDITIONS:
            changed[change.table].add(change.id)
    terms = {name for table in _THINGS for name in changed[table]}
    for name in new.items.keys() & old.items.keys():
        item = new.items[name]
        anchor = None if item.duty is None else anchor_of(item.duty.rule)
        if anchor in changed["attributes"] or changed["evidence_types"] & {*item.evidence}:
            terms.add(name)
    return frozenset(terms)
