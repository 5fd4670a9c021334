"""How busy the weeks ahead are expected to be, beside each other, for whoever suggests a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class WeeklyLoad:
    """Expected cases by item and week (its Monday), over working days."""

    expected: Mapping[tuple[str, dt.date], float]
    working_days: Mapping[dt.date, float]
    """By Monday; a week that is not named has five."""
    _usual: dict[str, float] = field(default_factory=dict)

    def load(self, item: str, day: dt.date) -> float | None:
        """Cases a working day of that week over the item's mean of all weeks; None where none is forecast."""
        monday = day - dt.timedelta(days=day.weekday())
        cases = self.expected.get((item, monday))
        usual = self._usual_of(item)
        if cases is None or usual <= 0:
            return None
        return self._a_day(cases, monday) / usual

    def _usual_of(self, item: str) -> float:
        if item not in self._usual:
            rates = [self._a_day(cases, week) for (of, week), cases in self.expected.items() if of == item]
            self._usual[item] = sum(rates) / len(rates) if rates else 0.0
        return self._usual[item]

    def _a_day(self, cases: float, monday: dt.date) -> float:
        return cases / max(self.working_days.get(monday, 5.0), 1.0)
