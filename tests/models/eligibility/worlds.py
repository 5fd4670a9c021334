"""Random registers, conditions and scope items, for laws that must hold of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from catalog.attribute import Attribute, DatedValue, Implication, Parameter
from catalog.criterion import Criterion
from catalog.derivation import parse_derivation, reads
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.vocabulary import Names, Origin, Scope, Sensitivity, SubjectKind, ValueType
from features.schema import ABSENT, Value
from models.eligibility.rules import Register, Rule

NAMES = Names("名", "name")
DISTRICTS = ("east", "west", "south")
STREETS = ("lane", "row", "alley", "yard")
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
BIRTHS = st.dates(dt.date(1955, 1, 1), dt.date(2026, 12, 31)) | st.sampled_from(
    [dt.date(2000, 2, 29), dt.date(2024, 2, 29), dt.date(1999, 12, 31), dt.date(2008, 1, 31)]
)


def attribute(name: str, kind: ValueType, **more: Any) -> Attribute:
    more.setdefault("origin", Origin.DERIVED if "derived" in more else Origin.AUTHORITY)
    return Attribute(
        name=name,
        names=NAMES,
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        type=kind,
        authority="民政",
        register="civil-affairs",
        sensitivity=Sensitivity.ORDINARY,
        **more,
    )


_NUMBER, _BOOLEAN, _ENUM, _DATE = ValueType.NUMBER, ValueType.BOOLEAN, ValueType.ENUM, ValueType.DATE
ATTRIBUTES: dict[str, Attribute] = {
    a.name: a
    for a in (
        attribute("income", _NUMBER),
        attribute("area", _NUMBER, optional=True),
        attribute("floor_area", _NUMBER),
        attribute("veteran", _BOOLEAN),
        attribute("insured", _BOOLEAN, optional=True),
        attribute("street", _ENUM, allowed=STREETS, optional=True),
        attribute(
            "district",
            _ENUM,
            allowed=DISTRICTS,
            implied_by=Implication("street", {"lane": "east", "row": "east", "alley": "west"}),
        ),
        attribute("hukou", _ENUM, allowed=DISTRICTS),
        attribute("birth_date", _DATE),
        attribute("discharge_date", _DATE, optional=True),
        attribute(
            "retirement_date",
            _DATE,
            derived="when(veteran, add_years(birth_date, 55), add_years(birth_date, 60))",
        ),
        attribute("age", _NUMBER, derived="years_between(birth_date, on)"),
        attribute("months_home", _NUMBER, derived="months_between(discharge_date, on)", optional=True),
        attribute("school_age", _BOOLEAN, derived="years_between(birth_date, august_31(on)) >= 6"),
        attribute("months_left", _NUMBER, derived="months_between(on, retirement_date)"),
    )
}
PARAMETERS: dict[str, Parameter] = {
    "param_line": Parameter(
        name="param_line",
        names=NAMES,
        values=(DatedValue("2020-01-01", 1000.0, "京民发"), DatedValue("2026-07-01", 1500.0, "京民发")),
    ),
    "param_secret": Parameter(name="param_secret", names=NAMES),
}
REGISTER = Register(ATTRIBUTES, PARAMETERS)
STORED = tuple(name for name, a in ATTRIBUTES.items() if a.derived is None)
_LIKE: dict[ValueType, list[str]] = {
    kind: [name for name, a in ATTRIBUTES.items() if a.type is kind] for kind in ValueType
}
_ORDERED = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_EQUAL = st.sampled_from(["=", "!="])
FIGURES = st.sampled_from([0.0, 1.0, 6.0, 12.0, 18.0, 59.5, 60.0, 1000.0, 1500.0, -3.0])


@st.composite
def atoms(draw: st.DrawFn, names: tuple[str, ...] = (), pairs: bool = True) -> Predicate:  # noqa: PLR0911 - one return a kind of atom
    name = draw(st.sampled_from(names or sorted(ATTRIBUTES)))
    kind = ATTRIBUTES[name].type
    optional = ATTRIBUTES[name].optional
    forms = ["literal", "literal", *(["other"] if pairs else []), *(["present"] if optional else [])]
    match draw(st.sampled_from(forms)), kind:
        case "present", _:
            return Present(name)
        case "other", _:
            others = _LIKE[kind] + (sorted(PARAMETERS) if kind is _NUMBER else [])
            ordered = kind in (_NUMBER, _DATE)
            return Compare(
                name, draw(_ORDERED if ordered else _EQUAL), AttributeRef(draw(st.sampled_from(others)))
            )
        case _, ValueType.NUMBER:
            return Compare(name, draw(_ORDERED), draw(FIGURES))
        case _, ValueType.BOOLEAN:
            return Compare(name, draw(_EQUAL), draw(st.booleans()))
        case _, ValueType.DATE:
            return Compare(name, draw(_ORDERED), draw(DAYS).isoformat())
    words = [*ATTRIBUTES[name].allowed, "elsewhere"]
    if draw(st.booleans()):
        return OneOf(name, tuple(draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True))))
    return Compare(name, draw(_EQUAL), draw(st.sampled_from(words)))


def _joined(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    some = st.lists(inner, min_size=0, max_size=3).map(tuple)
    return some.map(And) | some.map(Or) | inner.map(Not)


PREDICATES = st.recursive(atoms() | st.booleans().map(Constant), _joined, max_leaves=8)


def predicates_on(*names: str) -> st.SearchStrategy[Predicate]:
    """Conditions on some attributes alone, none compared with another."""
    return st.recursive(atoms(names, pairs=False), _joined, max_leaves=8)


def rule(item: str, *predicates: Predicate) -> Rule:
    criteria = tuple(
        Criterion(id=f"c{i}", expression="", predicate=p, legal_source="law")
        for i, p in enumerate(predicates)
    )
    return Rule(item, criteria)


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    rows = draw(st.lists(st.lists(PREDICATES, max_size=3), min_size=1, max_size=5))
    return tuple(rule(f"item-{i}", *row) for i, row in enumerate(rows))


@st.composite
def values(draw: st.DrawFn, name: str) -> Value:
    known = ATTRIBUTES[name]
    if known.optional and draw(st.integers(0, 3)) == 0:
        return ABSENT
    match known.type:
        case ValueType.NUMBER:
            return draw(FIGURES)
        case ValueType.BOOLEAN:
            return draw(st.booleans())
        case ValueType.DATE:
            return draw(BIRTHS)
        case _:
            return draw(st.sampled_from([*known.allowed, "abroad"]))


@st.composite
def whole_worlds(draw: st.DrawFn) -> dict[str, Value]:
    """A scope item of which everything is known, and consistent with what its street implies."""
    world = {name: draw(values(name)) for name in STORED}
    implied = ATTRIBUTES["district"].implied_by
    assert implied is not None
    street = world["street"]
    if isinstance(street, str) and street in implied.values:
        world["district"] = implied.values[street]
    return world


def masked(world: Mapping[str, Value], hidden: set[str], presence_told: set[str]) -> dict[str, Value]:
    """The world with some attributes unknown; of some of those it is still told whether they exist."""
    told = {name: value for name, value in world.items() if name not in hidden}
    for name in hidden & presence_told:
        if ATTRIBUTES[name].optional:
            told[f"has_{name}"] = world[name] is not ABSENT
    return told


@st.composite
def part_worlds(draw: st.DrawFn) -> dict[str, Value]:
    hidden = draw(st.sets(st.sampled_from(STORED)))
    return masked(draw(whole_worlds()), hidden, draw(st.sets(st.sampled_from(STORED))))


def sources_of(name: str) -> set[str]:
    """The stored attributes behind one."""
    derived = ATTRIBUTES[name].derived
    return set().union(*(sources_of(s) for s in reads(parse_derivation(derived)))) if derived else {name}
