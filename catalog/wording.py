"""Conditions in plain words, Chinese and English: for reasons, and for why something does not apply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from catalog.attribute import Attribute, Parameter
from catalog.catalogue import Catalogue
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.vocabulary import Names, ValueType

Language = Literal["zh", "en"]
_TEN_THOUSAND = 10_000


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names that conditions are put into words with, and the day whose figures are told."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Parameter]
    on: dt.date


def lexicon(catalogue: Catalogue, on: dt.date) -> Lexicon:
    """The lexicon of a catalogue on a day."""
    return Lexicon(catalogue.attributes, catalogue.parameters, on)


def describe(predicate: Predicate, names: Lexicon) -> Names:
    """A condition in plain words ("年龄满65岁", "Age at least 65")."""
    return Names(zh=_say(predicate, names, "zh"), en=_say(predicate, names, "en"))


def figure(parameter: Parameter, on: dt.date) -> float | None:
    """A parameter's value on a day; None where no text sets one."""
    in_force = [each.value for each in parameter.values if dt.date.fromisoformat(each.valid_from) <= on]
    return in_force[-1] if in_force else None


@cache
def _words() -> dict[str, Any]:
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf8")
    words: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return words


def _say(  # noqa: PLR0911 - one return a kind of predicate
    predicate: Predicate, names: Lexicon, language: Language
) -> str:
    match predicate:
        case Compare():
            return _named(predicate, names, language) + _rest(predicate, names, language)
        case OneOf():
            return _one_of(predicate, names, language, negated=False)
        case Not(OneOf() as inner):
            return _one_of(inner, names, language, negated=True)
        case Present(attribute) | Not(Present(attribute)):
            phrase = "on_record" if isinstance(predicate, Present) else "not_on_record"
            return _phrase(phrase, language, name=_name(attribute, names, language))
        case Not(Compare(_, _, bool()) as inner):
            return _say(Compare(inner.attribute, inner.op, not inner.value), names, language)
        case Not(term):
            return _phrase("not", language, what=_bracketed(term, names, language))
        case And(terms):
            return _conjunction(terms, names, language)
        case Or(terms):
            return _joined([_bracketed(term, names, language) for term in terms], "或", "or", language)
        case Constant(value):
            return _phrase("everyone" if value else "nobody", language)


def _conjunction(terms: Iterable[Predicate], names: Lexicon, language: Language) -> str:
    """Terms side by side; a second bound on the same attribute does not name it again."""
    said: list[str] = []
    last: str | None = None
    for term in terms:
        bound = isinstance(term, Compare) and not isinstance(term.value, bool)
        if bound and isinstance(term, Compare) and term.attribute == last:
            said.append(_rest(term, names, language).strip())
        else:
            said.append(
                _bracketed(term, names, language) if isinstance(term, Or) else _say(term, names, language)
            )
        last = term.attribute if bound and isinstance(term, Compare) else None
    return _joined(said, "且", "and", language)


def _joined(said: list[str], zh: str, en: str, language: Language) -> str:
    if language == "zh":
        return zh.join(said)
    return f" {en} ".join([said[0], *(_lower(text) for text in said[1:])])


def _bracketed(term: Predicate, names: Lexicon, language: Language) -> str:
    text = _say(term, names, language)
    if not isinstance(term, And | Or):
        return text
    return f"（{text}）" if language == "zh" else f"({text})"


def _named(compare: Compare, names: Lexicon, language: Language) -> str:
    return "" if isinstance(compare.value, bool) else _name(compare.attribute, names, language)


def _rest(compare: Compare, names: Lexicon, language: Language) -> str:
    """What follows the attribute's name; for a yes-or-no attribute, all of it."""
    space = "" if language == "zh" else " "
    match compare.value:
        case bool(value):
            return _yes_or_no(compare.attribute, value == (compare.op == "="), names, language)
        case AttributeRef(other):
            return f"{space}{_operator(compare, names, language)}{space}{_other(other, names, language)}"
        case str(word):
            named = _value_name(compare.attribute, word, names, language)
            return f"{space}{_operator(compare, names, language)}{space}{named}"
        case number:
            unit = names.attributes[compare.attribute].unit if compare.attribute in names.attributes else None
            said = _number(float(number), unit, language)
            return f"{space}{_operator(compare, names, language)}{space}{said}"


def _yes_or_no(attribute: str, holds: bool, names: Lexicon, language: Language) -> str:
    name = _name(attribute, names, language)
    if holds:
        return name
    if language == "zh":
        for opening, negated in _words()["negations"]:
            if name.startswith(opening):
                return f"{negated}{name.removeprefix(opening)}"
    return _phrase("not", language, what=name if language == "zh" else _lower(name))


def _one_of(predicate: OneOf, names: Lexicon, language: Language, *, negated: bool) -> str:
    values = [_value_name(predicate.attribute, value, names, language) for value in predicate.values]
    name = _name(predicate.attribute, names, language)
    if language == "zh":
        listed = "或".join(filter(None, ["、".join(values[:-1]), values[-1]]))
        return f"{name}{'不为' if negated else '为'}{listed}"
    listed = f"{', '.join(values[:-1])} or {values[-1]}" if len(values) > 1 else values[0]
    return f"{name} {'is not' if negated else 'is'} {listed}"


def _operator(compare: Compare, names: Lexicon, language: Language) -> str:
    attribute = names.attributes.get(compare.attribute)
    if attribute is not None and attribute.type is ValueType.DATE and compare.op in _words()["dates"]:
        return str(_words()["dates"][compare.op][language])
    unit = _words()["units"].get(attribute.unit if attribute else None, _words()["units"]["count"])
    manner = {">=": "at_least", "<": "below"}.get(compare.op)
    return str(unit[manner][language] if manner else _words()["operators"][compare.op][language])


def _number(value: float, unit: str | None, language: Language) -> str:
    pattern = str(_words()["units"].get(unit, {"zh": "{n}", "en": "{n}"})[language])
    if unit == "ratio":
        return pattern.format(n=f"{value * 100:g}%")
    if unit == "yuan" and language == "zh":
        for size, name in ((_TEN_THOUSAND**2, "亿"), (_TEN_THOUSAND, "万")):
            if value >= size and value % (size / 10) == 0:
                return pattern.format(n=f"{value / size:g}{name}")
    return pattern.format(n=f"{value:,.0f}" if value.is_integer() else f"{value:,g}")


def _other(name: str, names: Lexicon, language: Language) -> str:
    said = _name(name, names, language)
    if name not in names.parameters:
        return said
    parameter = names.parameters[name]
    value = figure(parameter, names.on)
    told = _phrase("unknown_figure", language) if value is None else _number(value, parameter.unit, language)
    return f"{said}（{told}）" if language == "zh" else f"{_lower(said)} ({told})"


def _value_name(attribute: str, value: str, names: Lexicon, language: Language) -> str:
    known = names.attributes.get(attribute)
    named = known.value_names.get(value) if known else None
    return value if named is None else str(getattr(named, language))


def _name(name: str, names: Lexicon, language: Language) -> str:
    known = names.attributes.get(name) or names.parameters.get(name)
    return name if known is None else str(getattr(known.names, language))


def _phrase(key: str, language: Language, **slots: str) -> str:
    return str(_words()["phrases"][key][language]).format(**slots)


def _lower(text: str) -> str:
    """Inside a sentence, unless it opens with an abbreviation."""
    if text.startswith("("):
        return f"({_lower(text[1:])}"
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
