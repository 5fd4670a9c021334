"""What the registers say that an entry rests on, in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.attribute import Attribute, Parameter
from catalog.catalogue import Catalogue, Item
from catalog.predicate import attributes_of
from features.schema import ABSENT, Value
from models.recommendation import Judgement
from serving.wording import Words

SHOWN = 6
"""How many facts a card tells; the item's own page tells all."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute and what is known of it; `text` None is unknown."""

    attribute: str
    name: str
    text: str | None

    def told(self, words: Words) -> str:
        """The fact in one line."""
        return words("fact.told", name=self.name, value=self.text or words("item.value_unknown"))


def facts_of(
    item: Item, scope_item: str, judgement: Judgement, catalogue: Catalogue, words: Words
) -> Iterator[Fact]:
    """Every attribute an item's conditions read of a scope item, once, in the order of the conditions."""
    read = dict.fromkeys(name for criterion in item.criteria for name in attributes_of(criterion.predicate))
    for name in read:
        known = attribute_named(name, catalogue)
        if isinstance(known, Attribute):
            value = judgement.value(scope_item, name)
            yield Fact(name, words.name(known.names), value_text(value, known, words))


def attribute_named(name: str, catalogue: Catalogue) -> Attribute | Parameter:
    """The attribute or parameter of a name; a presence attribute is the attribute it asks for."""
    known = catalogue.attributes.get(name) or catalogue.parameters.get(name)
    return catalogue.attributes[name.removeprefix("has_")] if known is None else known


def value_text(value: Value | None, attribute: Attribute, words: Words) -> str | None:
    """A value as it is read aloud; None where it is unknown."""
    if value is None:
        return None
    if value is ABSENT:
        return words("item.value_none")
    if isinstance(value, bool):
        return words(f"item.boolean.{'true' if value else 'false'}")
    if isinstance(value, dt.date):
        return words.day(value)
    if isinstance(value, str):
        names = attribute.value_names.get(value)
        return value if names is None else words.name(names)
    return number_text(value, attribute.unit, words)


def number_text(value: float, unit: str | None, words: Words) -> str:
    """A number with its unit, where the interface knows the unit."""
    figure = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}".rstrip("0")
    key = f"fact.unit.{unit}"
    return words(key, n=figure) if unit is not None and words.has(key) else figure
