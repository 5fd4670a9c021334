"""One scope's month as the steps of a journey share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.city.block import Block
from pipelines.city.demand import Demanded
from pipelines.city.journal import moment
from pipelines.city.life import Month
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.scope_state import ScopeState
from pipelines.city.wants import ScopeWants


@dataclass(frozen=True, slots=True)
class Turn:
    """What a month's journeys of one scope are made of."""

    scope: str
    code: int
    """The scope's number in the journal."""
    state: ScopeState
    wants: ScopeWants
    demanded: Demanded
    items: Ints
    """The city's numbers of the scope's items."""
    from_day: Ints
    """By row: the first day on which its facts stand still for the rest of the month."""
    month: Month
    rng: np.random.Generator
    logged: bool

    @property
    def last(self) -> int:
        """The month's last day number."""
        return self.month.first_day + self.month.days - 1

    @property
    def active(self) -> Bools:
        """Rows with at least one still day this month."""
        return np.asarray(self.from_day <= self.last)

    def when(self, rows: Ints, fraction: Floats) -> Ints:
        """A moment a fraction of the way from each row's first still day to the month's end."""
        start = self.from_day[rows]
        day = start + np.floor((self.last - start + 1) * np.minimum(fraction, 0.999)).astype(np.int64)
        return moment(day, self.rng.random(len(day)))

    def chance(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Uniform draws."""
        return self.rng.random(shape, dtype=np.float32)


def there(state: ScopeState, month: Month) -> Bools:
    """The items that exist by the end of a month."""
    return np.asarray(state.alive & (state.born <= month.first_day + month.days - 1))


def quiet_from(block: Block, scope: str, month: Month) -> Ints:
    """By row: the first day of the month on which nothing of its facts will change any more."""
    state = block.states[scope]
    quiet = np.full(state.rows, month.first_day, dtype=np.int64)
    for place in {scope, "self"}:
        for days in block.states[place].changed.values():
            index = np.arange(state.rows) if place == scope else state.owner
            known = index < len(days)
            quiet[known] = np.maximum(quiet[known], days[index[known]] + 1)
    return np.maximum(quiet, state.born + 1)


def all_quiet(block: Block, month: Month) -> Ints:
    """By subject: the first day on which nothing of anything of theirs will change any more."""
    quiet = quiet_from(block, "self", month)
    for scope, state in block.states.items():
        np.maximum.at(quiet, state.owner, np.where(there(state, month), quiet_from(block, scope, month), 0))
    return quiet
