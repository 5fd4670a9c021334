"""The semantics of conditions written as plainly as possible, to hold every evaluator against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from catalog.attribute import Attribute, Parameter
from catalog.derivation import parse_derivation, reads
from catalog.derivation_values import evaluate
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from features.schema import ABSENT, Value

FALSE, UNKNOWN, TRUE = 0, 1, 2
World = Mapping[str, Value]


def presence(name: str, world: World) -> bool | None:
    value = world.get(name)
    if value is ABSENT:
        return False
    if value is not None:
        return True
    told = world.get(f"has_{name}")
    return told if isinstance(told, bool) else None


def complete(world: World, attributes: Mapping[str, Attribute], on: dt.date) -> dict[str, Value]:
    """Everything that follows, by trying every attribute until nothing new is found."""
    known = dict(world)
    while True:
        before = dict(known)
        for name, attribute in attributes.items():
            if presence(name, known) is False:
                known[name] = ABSENT
            if name in known:
                continue
            if attribute.implied_by:
                source = known.get(attribute.implied_by.attribute)
                if isinstance(source, str) and source in attribute.implied_by.values:
                    known[name] = attribute.implied_by.values[source]
            if attribute.derived:
                _derive(name, attribute.derived, known, attributes, on)
        if known == before:
            return known


def _derive(
    name: str, text: str, known: dict[str, Value], attributes: Mapping[str, Attribute], on: dt.date
) -> None:
    term = parse_derivation(text)
    exists = [_exists(source, known, attributes) for source in reads(term)]
    if False in exists:
        known[name] = ABSENT
    elif None not in exists:
        known[f"has_{name}"] = True
        values = {source: known.get(source) for source in reads(term)}
        value = evaluate(term, values, on)  # type: ignore[arg-type]
        if value is not None:
            known[name] = value


def _exists(name: str, known: World, attributes: Mapping[str, Attribute]) -> bool | None:
    derived = attributes[name].derived
    if name not in known and derived:
        of_sources = [_exists(source, known, attributes) for source in reads(parse_derivation(derived))]
        return False if False in of_sources else None if None in of_sources else True
    told = presence(name, known)
    return True if told is None and not attributes[name].optional else told


def parameter_values(parameters: Mapping[str, Parameter], on: dt.date) -> dict[str, Value]:
    figures: dict[str, Value] = {}
    for name, parameter in parameters.items():
        for dated in sorted(parameter.values, key=lambda value: value.valid_from):
            if dt.date.fromisoformat(dated.valid_from) <= on and dated.source:
                figures[name] = dated.value
    return figures


def verdict(
    predicate: Predicate,
    world: World,
    attributes: Mapping[str, Attribute],
    parameters: Mapping[str, Parameter],
    on: dt.date,
) -> int:
    """The verdict of one condition on one scope item on one day."""
    return kleene(predicate, complete(world, attributes, on) | parameter_values(parameters, on))


def kleene(predicate: Predicate, known: World) -> int:  # noqa: PLR0911 - one return a kind of term
    match predicate:
        case Constant(value):
            return TRUE if value else FALSE
        case Not(term):
            return TRUE - kleene(term, known)
        case And(terms):
            return min([kleene(term, known) for term in terms], default=TRUE)
        case Or(terms):
            return max([kleene(term, known) for term in terms], default=FALSE)
        case Present(name):
            exists = presence(name, known)
            return UNKNOWN if exists is None else TRUE if exists else FALSE
        case OneOf(name, options):
            return max([kleene(Compare(name, "=", option), known) for option in options], default=FALSE)
        case Compare(name, op, AttributeRef(other)):
            return _compare(known.get(name), op, known.get(other))
        case Compare(name, op, value):
            return _compare(known.get(name), op, value)
    raise AssertionError(predicate)


def _compare(left: object, op: str, right: object) -> int:
    if left is ABSENT or right is ABSENT:
        return FALSE
    if left is None or right is None:
        return UNKNOWN
    if isinstance(left, dt.date) and isinstance(right, str):
        right = dt.date.fromisoformat(right)
    holds = {
        "=": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,  # type: ignore[operator]
        "<=": lambda: left <= right,  # type: ignore[operator]
        ">": lambda: left > right,  # type: ignore[operator]
        ">=": lambda: left >= right,  # type: ignore[operator]
    }[op]
    return TRUE if holds() else FALSE
