"""What a tag says, in the reader's words: never the code a model reads."""

from __future__ import annotations

import re
from typing import Final

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind, ValueType
from features.categories import NONE
from features.named import traits_of
from privacy.tags import TRAIT
from serving.pages.facts import number_text
from serving.privacy.tags_shown import Tag
from serving.wording import Words

BETWEEN: Final = re.compile(r"(-?[\d.e+]+)\.\.(-?[\d.e+]+)")


def tag_text(tag: Tag, catalogue: Catalogue, kind: SubjectKind, words: Words) -> str:
    """What the tag says of the subject."""
    if tag.count is not None:
        return words("tags.times", n=tag.count)
    sort, _, name = tag.id.partition(":")
    if tag.category is None or sort != TRAIT:
        return words("tags.guess") if sort == "event" and not tag.deleted else ""
    attribute = catalogue.attributes[traits_of(catalogue, kind)[name].attribute]
    return _category(tag.category, attribute, words)


def _category(category: str, attribute: Attribute, words: Words) -> str:
    if category == NONE:
        return words("item.value_none")
    match attribute.type:
        case ValueType.BOOLEAN:
            return words(f"item.boolean.{category}")
        case ValueType.NUMBER:
            return _band(category, attribute.unit, words, "tags.band")
        case ValueType.DATE:
            return _band(category, None, words, "tags.days")
    names = attribute.value_names.get(category)
    return category if names is None else words.name(names)


def _band(category: str, unit: str | None, words: Words, key: str) -> str:
    """`<18`, `18..60` (60 left out) and `>=60` in words; dates are in days from today."""
    between = BETWEEN.fullmatch(category)
    if between:
        low, high = (number_text(float(bound), unit, words) for bound in between.groups())
        return words(f"{key}.between", low=low, high=high)
    bound = number_text(float(category.lstrip("<>=")), unit, words)
    return words(f"{key}.below" if category.startswith("<") else f"{key}.from", bound=bound)
