"""Attribute values as JSON and YAML write them, checked against the attribute register."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.derivation import parse_derivation, reads
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.schema import ABSENT, Value


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one attribute cannot have what was written for it. The value itself is not repeated."""

    attribute: str
    message: str


def read_values(
    written: Mapping[str, object], catalogue: Catalogue, kind: SubjectKind, scope: Scope
) -> tuple[dict[str, Value], tuple[Refusal, ...]]:
    """The values of a scope item's attributes as the register has them, and every refusal.

    A null says that the register knows there is none, so only attributes that need not exist may have it.
    """
    values: dict[str, Value] = {}
    refusals: list[Refusal] = []
    for name, plain in written.items():
        try:
            values[name] = _value(_stated(catalogue.attributes.get(name), kind, scope), plain)
        except _Refused as refused:
            refusals.append(Refusal(name, str(refused)))
    return values, tuple(refusals)


class _Refused(ValueError):
    """An attribute that cannot be stated here, or a value it cannot have."""


def _stated(attribute: Attribute | None, kind: SubjectKind, scope: Scope) -> Attribute:
    """The attribute, where it is one that is told of such a scope item."""
    if attribute is None:
        raise _Refused("the attribute register has no such attribute")
    if attribute.subject is not kind:
        raise _Refused(f"belongs to a subject of kind {attribute.subject}, not {kind}")
    if attribute.scope is not scope:
        raise _Refused(f"ranges over scope {attribute.scope}: state it of such a scope item, not of {scope}")
    if attribute.derived is not None:
        sources = ", ".join(dict.fromkeys(reads(parse_derivation(attribute.derived))))
        raise _Refused(f"is computed and never stated: state what it follows from ({sources})")
    return attribute


def _value(attribute: Attribute, plain: object) -> Value:
    value = _read(attribute, plain)
    if value is None:
        none = ", or null for none" if attribute.optional else ""
        raise _Refused(f"takes {_wanted(attribute)}{none}")
    return value


def _read(attribute: Attribute, plain: object) -> Value | None:
    if plain is None:
        return ABSENT if attribute.optional else None
    match attribute.type:
        case ValueType.BOOLEAN:
            return plain if isinstance(plain, bool) else None
        case ValueType.NUMBER:
            return _number(plain)
        case ValueType.DATE:
            return _date(plain)
        case ValueType.ENUM:
            return plain if isinstance(plain, str) and plain in (attribute.allowed or (plain,)) else None


def _number(plain: object) -> float | None:
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        return None
    try:
        number = float(plain)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _date(plain: object) -> dt.date | None:
    if isinstance(plain, dt.date) and not isinstance(plain, dt.datetime):
        return plain
    try:
        day = dt.date.fromisoformat(plain) if isinstance(plain, str) else None
    except ValueError:
        return None
    # Weeks and compact dates are ISO 8601 too, but nobody here writes them.
    return day if day is not None and day.isoformat() == plain else None


def _wanted(attribute: Attribute) -> str:
    match attribute.type:
        case ValueType.BOOLEAN:
            return "true or false"
        case ValueType.NUMBER:
            return "a finite number"
        case ValueType.DATE:
            return "a date written as 2026-11-21"
        case ValueType.ENUM:
            return f"one of {', '.join(attribute.allowed)}" if attribute.allowed else "a word"
