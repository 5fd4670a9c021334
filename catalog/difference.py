"""What changed from one catalogue to another, thing by thing and field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from catalog.catalogue import Catalogue

TABLES: Final = (
    "public_services",
    "support_policies",
    "events",
    "attributes",
    "parameters",
    "evidence_types",
    "themes",
    "consent_groups",
)
JUDGING: Final = frozenset(
    {
        *("criteria", "duty", "nature", "status", "subject", "scope", "valid_from", "valid_to", "evidence"),
        *("stages", "trigger", "derived", "implied_by", "optional", "allowed", "type", "values", "amount"),
        *("relations", "sensitivity", "consent_group", "origin", "fetchable", "substitutes", "kind"),
    }
)
"""The fields a change of which can change somebody's standing."""


class Change(msgspec.Struct, frozen=True, order=True):
    """One thing added, removed, or changed in one field, with the field before and after."""

    table: str
    id: str
    kind: Literal["added", "removed", "changed"]
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def judging(self) -> bool:
        """Whether it can change somebody's standing, and not only what is read."""
        in_rules = self.table not in ("themes", "consent_groups")
        return in_rules and (self.kind != "changed" or self.field in JUDGING)


def difference(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """Every change, by table and id; nothing when the versions are the same."""
    if old.version and old.version == new.version:
        return ()
    return tuple(
        sorted(
            change for table in TABLES for change in _changes(table, getattr(old, table), getattr(new, table))
        )
    )


def _changes(
    table: str, old: Mapping[str, msgspec.Struct], new: Mapping[str, msgspec.Struct]
) -> Iterator[Change]:
    for name in old.keys() - new.keys():
        yield Change(table, name, "removed")
    for name in new.keys() - old.keys():
        yield Change(table, name, "added")
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        for field in before.__struct_fields__:
            was, becomes = getattr(before, field), getattr(after, field)
            if was != becomes:
                yield Change(table, name, "changed", field, _told(was), _told(becomes))


def _told(value: object) -> str:
    """A field's value as one line: conditions and deadlines as written, the rest as JSON."""
    if isinstance(value, tuple) and value and hasattr(value[0], "expression"):
        return "; ".join(f"{each.id}: {each.expression}" for each in value)
    if hasattr(value, "expression"):
        return str(value.expression)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
