"""A condition in plain words: what must hold, without the language of the catalogue's authors."""

from __future__ import annotations

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.vocabulary import ValueType
from serving.pages.facts import attribute_named, value_text
from serving.wording import Words

NUMBERS = {"<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
DATES = {"<": "before", "<=": "until", ">": "after", ">=": "from"}


def condition_text(predicate: Predicate, catalogue: Catalogue, words: Words) -> str:  # noqa: PLR0911
    """The condition as one phrase."""
    match predicate:  # one arm a form of condition
        case And(terms):
            return _joined(terms, "and", catalogue, words)
        case Or(terms):
            return _joined(terms, "or", catalogue, words)
        case Not(Present(attribute)):
            return words("words.absent", name=_name(attribute, catalogue, words))
        case Not(OneOf(attribute, values)):
            return _of(attribute, values, "none_of", catalogue, words)
        case Not(term):
            return words("words.not", condition=condition_text(term, catalogue, words))
        case Present(attribute):
            return words("words.present", name=_name(attribute, catalogue, words))
        case OneOf(attribute, values):
            return _of(attribute, values, "equals" if len(values) == 1 else "one_of", catalogue, words)
        case Compare():
            return _comparison(predicate, catalogue, words)
        case Constant(value):
            return words("words.always" if value else "words.never")


def _joined(terms: tuple[Predicate, ...], word: str, catalogue: Catalogue, words: Words) -> str:
    parts = [
        words("words.bracket", condition=condition_text(term, catalogue, words))
        if isinstance(term, And | Or)
        else condition_text(term, catalogue, words)
        for term in terms
    ]
    return words(f"words.{word}").join(parts)


def _of(attribute: str, values: tuple[str, ...], word: str, catalogue: Catalogue, words: Words) -> str:
    named = words("words.value_or").join(_value(attribute, value, catalogue, words) for value in values)
    return words(f"words.{word}", name=_name(attribute, catalogue, words), value=named)


def _comparison(compared: Compare, catalogue: Catalogue, words: Words) -> str:
    name, value = _name(compared.attribute, catalogue, words), compared.value
    if isinstance(value, bool):
        holds = value is (compared.op == "=")
        return words("words.is_true" if holds else "words.is_false", name=name)
    told = (
        _name(value.name, catalogue, words)
        if isinstance(value, AttributeRef)
        else _value(compared.attribute, value, catalogue, words)
    )
    if compared.op in ("=", "!="):
        return words("words.equals" if compared.op == "=" else "words.differs", name=name, value=told)
    known = attribute_named(compared.attribute, catalogue)
    dated = isinstance(known, Attribute) and known.type is ValueType.DATE
    return words(f"words.{(DATES if dated else NUMBERS)[compared.op]}", name=name, value=told)


def _value(attribute: str, value: float | str, catalogue: Catalogue, words: Words) -> str:
    known = attribute_named(attribute, catalogue)
    return str(value) if not isinstance(known, Attribute) else value_text(value, known, words) or str(value)


def _name(attribute: str, catalogue: Catalogue, words: Words) -> str:
    return words.name(attribute_named(attribute, catalogue).names)
