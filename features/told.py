"""What no register has ever told, though rules read it: it stays unknown of everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from catalog.attribute import Attribute
from catalog.predicate import presence
from catalog.vocabulary import Origin
from features.registers import kinds_and_scopes, registers_of, stored_attributes
from features.statements import AttributeHistory


def never_told(history: AttributeHistory, names: Collection[str]) -> tuple[Attribute, ...]:
    """Of these attributes those an office is to hold and no statement says anything of, in name order."""
    silent = (attribute for attribute in _silent(history) if attribute.name in names)
    return tuple(sorted(silent, key=lambda attribute: attribute.name))


def _silent(history: AttributeHistory) -> Iterator[Attribute]:
    for kind, scope in kinds_and_scopes():
        for register in registers_of(history.catalogue, kind, scope):
            held = stored_attributes(history.catalogue, kind, scope, register)
            said = history.statements(kind, scope, register).select(
                pl.any_horizontal(
                    pl.col(column).is_not_null().any()
                    for column in (a.name, *([presence(a.name)] if a.optional else []))
                ).alias(a.name)
                for a in held
            )
            told = said.collect().row(0, named=True)
            yield from (a for a in held if a.origin is Origin.AUTHORITY and not told[a.name])
