"""Who lives with whom: households of subjects (16 and over) and the children they care for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.world import AgeBand, Households, HouseholdType

ADULT = 16.0


@dataclass(frozen=True, slots=True)
class Persons:
    """People of many households, one row a person, in household order. Ages are exact years."""

    household: Ints
    age: Floats
    male: Bools
    role: Ints
    """0 head, 1 spouse, 2 child, 3 elder."""
    collective: Bools

    def take(self, rows: Ints | Bools) -> Persons:
        """Some of the rows."""
        return Persons(
            self.household[rows], self.age[rows], self.male[rows], self.role[rows], self.collective[rows]
        )


HEAD, SPOUSE, CHILD, ELDER = range(4)


def make_persons(knobs: Households, subjects: int, rng: np.random.Generator) -> Persons:
    """Households until exactly `subjects` people are 16 or over; children come on top."""
    persons = _households(knobs, subjects + 64, rng)
    adult = persons.age >= ADULT
    reached = np.cumsum(adult)
    ends = np.flatnonzero(np.append(persons.household[1:] != persons.household[:-1], True))
    fitting = ends[reached[ends] <= subjects]
    last = int(fitting[-1]) if len(fitting) else -1
    short = subjects - (int(reached[last]) if last >= 0 else 0)
    kept = persons.take(np.arange(last + 1))
    return _joined(kept, _singles(persons, last + 1, short)) if short else kept


def _singles(persons: Persons, after: int, count: int) -> Persons:
    """Turn the next adults into one-person households, to meet the number exactly."""
    rows = np.flatnonzero(persons.age >= ADULT)
    rows = rows[rows >= after][:count]
    alone = persons.take(rows)
    return replace(
        alone,
        household=persons.household[max(after - 1, 0)] + 1 + np.arange(count),
        role=np.full(count, HEAD),
        age=np.maximum(alone.age, 18.0),
    )


def _joined(first: Persons, second: Persons) -> Persons:
    return Persons(
        *(
            np.concatenate([getattr(first, name), getattr(second, name)])
            for name in ("household", "age", "male", "role", "collective")
        )
    )


def _households(knobs: Households, count: int, rng: np.random.Generator) -> Persons:
    kinds = list(knobs.types.values())
    weights = np.array([kind.weight for kind in kinds])
    chosen = rng.choice(len(kinds), size=count, p=weights / weights.sum())
    parts = [_of_type(knobs, kind, np.flatnonzero(chosen == n), rng) for n, kind in enumerate(kinds)]
    everyone = parts[0]
    for part in parts[1:]:
        everyone = _joined(everyone, part)
    return everyone.take(np.lexsort((everyone.role, everyone.household)))


def _of_type(knobs: Households, kind: HouseholdType, homes: Ints, rng: np.random.Generator) -> Persons:
    age = _ages(kind.head_age, len(homes), rng)
    male = rng.random(len(homes)) < kind.male_head
    rows = [(age, male, HEAD)]
    mother = age
    if "spouse" in kind.members:
        gap = rng.normal(*knobs.spouse_gap, len(homes))
        spouse = np.clip(np.where(male, age - gap, age + gap), 20.5, 98.0)
        mother = np.where(male, spouse, age)
        rows.append((spouse, ~male, SPOUSE))
    for member in kind.members:
        if member == "child":
            born_at = np.clip(rng.normal(*knobs.birth_age, len(homes)), 20.0, 46.0)
            rows.append((mother - born_at, rng.random(len(homes)) < 0.525, CHILD))
        if member == "elder":
            gap = np.clip(rng.normal(27.0, 4.0, len(homes)), 19.0, 42.0)
            rows.append((np.minimum(age + gap, 97.0), rng.random(len(homes)) < 0.4, ELDER))
    return _stacked(rows, homes, kind.collective, knobs.leaves_home)


def _stacked(
    rows: list[tuple[Floats, Bools, int]], homes: Ints, collective: bool, leaves_home: int
) -> Persons:
    everyone = Persons(
        np.concatenate([homes for _ in rows]),
        np.concatenate([age for age, _, _ in rows]),
        np.concatenate([male for _, male, _ in rows]),
        np.concatenate([np.full(len(homes), role) for _, _, role in rows]),
        np.full(len(homes) * len(rows), collective),
    )
    at_home = (everyone.role != CHILD) | ((everyone.age >= 0) & (everyone.age < leaves_home))
    return everyone.take(at_home)


def _ages(bands: tuple[AgeBand, ...], count: int, rng: np.random.Generator) -> Floats:
    weights = np.array([band.weight for band in bands])
    chosen = rng.choice(len(bands), size=count, p=weights / weights.sum())
    low = np.array([band.low for band in bands])[chosen]
    high = np.array([band.high + 1 for band in bands])[chosen]
    return rng.uniform(low, high)
