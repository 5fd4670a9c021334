"""The types of derivations, so that nonsense is found when the catalogue is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from catalog.attribute import Attribute
from catalog.derivation import (
    SIGNATURES,
    TODAY,
    Arithmetic,
    Call,
    Comparison,
    Number,
    Ref,
    Term,
    When,
    Word,
)
from catalog.faults import WordingError
from catalog.vocabulary import ValueType


def type_of(  # noqa: PLR0911 - one return a kind of term
    term: Term, attributes: Mapping[str, Attribute]
) -> ValueType:
    """What a derivation yields. Raises WordingError where types do not fit or a name is unknown."""
    match term:
        case Ref(name):
            return _type_of_name(name, attributes)
        case Number():
            return ValueType.NUMBER
        case Word():
            return ValueType.ENUM
        case Call(function, arguments):
            wanted, result = SIGNATURES[function]
            if len(arguments) != len(wanted):
                raise WordingError(f"`{function}` is given {len(arguments)} values", f"give it {len(wanted)}")
            for argument, kind in zip(arguments, wanted, strict=True):
                _expect(argument, kind, function, attributes)
            return result
        case Arithmetic(sign, left, right):
            _expect(left, ValueType.NUMBER, sign, attributes)
            _expect(right, ValueType.NUMBER, sign, attributes)
            return ValueType.NUMBER
        case Comparison(op, left, right):
            _comparable(op, left, right, attributes)
            return ValueType.BOOLEAN
        case When(condition, value, otherwise):
            _expect(condition, ValueType.BOOLEAN, "when", attributes)
            kind = type_of(value, attributes)
            _expect(otherwise, kind, "when", attributes)
            return kind


def _type_of_name(name: str, attributes: Mapping[str, Attribute]) -> ValueType:
    if name == TODAY:
        return ValueType.DATE
    if name not in attributes:
        raise WordingError(
            f"the derivation reads `{name}`, which is no attribute", "register it or correct it"
        )
    return attributes[name].type


def _expect(term: Term, kind: ValueType, where: str, attributes: Mapping[str, Attribute]) -> None:
    if isinstance(term, Word) and kind is ValueType.DATE:
        _check_date(term.text)
        return
    found = type_of(term, attributes)
    if found is not kind:
        raise WordingError(f"`{where}` is given a {found} where it needs a {kind}", f"give it a {kind}")


def _check_date(text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise WordingError(
            f"`{text}` is an impossible date", "write an existing day as YYYY-MM-DD"
        ) from error


def _comparable(op: str, left: Term, right: Term, attributes: Mapping[str, Attribute]) -> None:
    kind = type_of(left, attributes)
    _expect(right, kind, op, attributes)
    if kind in (ValueType.BOOLEAN, ValueType.ENUM) and op not in ("=", "!="):
        raise WordingError(f"`{op}` puts a {kind} in order", "compare it by = or !=")
    if isinstance(left, Ref) and isinstance(right, Word) and kind is ValueType.ENUM:
        allowed = attributes[left.name].allowed
        if right.text not in allowed:
            raise WordingError(
                f"`{left.name}` has no value `{right.text}`", f"use one of {', '.join(allowed)}"
            )
