"""What an attribute might turn out to be, as far as some atoms can tell: its cells."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from catalog.attribute import Attribute
from catalog.predicate import AttributeRef, Compare, OneOf, presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value
from models.eligibility.circuit import Atom
from models.eligibility.rules import Register

Constant = bool | float | str | dt.date
ELSEWHERE = "\0"
"""The beginning of words that no condition mentions."""


def cells_of(
    names: Iterable[str], atoms: Iterable[Atom], register: Register, facts: Mapping[str, Value]
) -> dict[str, tuple[Value, ...]]:
    """By unknown attribute, one value of each sort that the atoms tell apart.

    Absence is among them where it may be. Attributes that are compared with one another share their
    values, and have enough of them to stand in any order.
    """
    atoms = tuple(atoms)
    kin = _kin(atoms)
    found: dict[str, tuple[Value, ...]] = {}
    for name in names:
        attribute = register.attributes[name]
        family = kin.get(name, frozenset([name]))
        constants = [constant for atom in atoms for constant in _constants(atom, family)]
        told = (facts.get(other) for other in sorted(family))
        constants += [value for value in told if value is not None and value is not ABSENT]
        values = _values(attribute, constants, spread=len(family))
        absent = name in register.completion.absentable and facts.get(presence(name)) is not True
        found[name] = (*values, *((ABSENT,) if absent else ()))
    return found


def _kin(atoms: Iterable[Atom]) -> dict[str, frozenset[str]]:
    """By attribute, all that it is compared with, directly or through others."""
    kin: dict[str, frozenset[str]] = {}
    for atom in atoms:
        if isinstance(atom, Compare) and isinstance(atom.value, AttributeRef):
            pair = (atom.attribute, atom.value.name)
            family = frozenset(pair).union(*(kin.get(name, frozenset()) for name in pair))
            kin.update(dict.fromkeys(family, family))
    return kin


def _constants(atom: Atom, family: frozenset[str]) -> Sequence[Constant]:
    match atom:
        case Compare(attribute, _, (bool() | float() | str()) as value) if attribute in family:
            return (value,)
        case OneOf(attribute, values) if attribute in family:
            return values
        case _:
            return ()


def _values(attribute: Attribute, constants: Iterable[Constant], spread: int) -> Sequence[Value]:
    match attribute.type:
        case ValueType.BOOLEAN:
            return (True, False)
        case ValueType.ENUM:
            return _words(attribute, [str(value) for value in constants], spread)
        case ValueType.DATE:
            dates = [v if isinstance(v, dt.date) else dt.date.fromisoformat(str(v)) for v in constants]
            return _dates(sorted(set(dates)), spread)
        case ValueType.NUMBER:
            return _numbers(sorted({float(value) for value in constants}), spread)  # type: ignore[arg-type]


def _words(attribute: Attribute, mentioned: Iterable[str], spread: int) -> Sequence[str]:
    """The words that are mentioned, and as many others as may be told apart."""
    words = list(dict.fromkeys(mentioned))
    others = [word for word in attribute.allowed if word not in words]
    if not attribute.allowed:
        others = [f"{ELSEWHERE}{number}" for number in range(spread)]
    expected = [word for word in words if word in attribute.allowed or not attribute.allowed]
    return (*expected, *others[:spread])


def _dates(dates: Sequence[dt.date], spread: int) -> Sequence[dt.date]:
    """Each date and the days beside it."""
    if not dates:
        dates = [dt.date(2000, 1, 1)]
    steps = [dt.timedelta(days=days) for days in range(-spread, spread + 1)]
    return sorted({date + step for date in dates for step in steps})


def _numbers(numbers: Sequence[float], spread: int) -> Sequence[float]:
    """Each number, and some between it and the next."""
    if not numbers:
        return [float(number) for number in range(spread)]
    between = [
        low + (high - low) * step / (spread + 1)
        for low, high in pairwise(numbers)
        for step in range(1, spread + 1)
    ]
    below, above = [numbers[0]], [numbers[-1]]
    for _ in range(spread):
        below.append(math.nextafter(below[-1], -math.inf))
        above.append(math.nextafter(above[-1], math.inf))
    return sorted({*numbers, *between, *below, *above})
