"""How often services were begun of late, by many: statistics of nobody, read from the online store."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from typing import Final

from catalog.catalogue import Catalogue
from features.guarded import GuardedProfiles, StoreAway
from features.statistics_online import read_statistics

COLUMN: Final = "started_30d"


class UseCounts:
    """The counts of the latest materialisation, read once a day and hour."""

    def __init__(
        self, profiles: GuardedProfiles, catalogue: Catalogue, at: Callable[[], dt.datetime]
    ) -> None:
        self._profiles, self._items, self._at = profiles, sorted(catalogue.public_services), at
        self._read: tuple[dt.datetime, Mapping[str, int] | None] | None = None
        self._reading = threading.Lock()

    def latest(self) -> Mapping[str, int] | None:
        """By item, how often it was begun in the last 30 days; None where nothing was ever counted."""
        hour = self._at().replace(minute=0, second=0, microsecond=0)
        with self._reading:
            if self._read is None or self._read[0] != hour:
                self._read = (hour, self._counted())
            return self._read[1]

    def _counted(self) -> Mapping[str, int] | None:
        from feast.errors import FeatureViewNotFoundException

        try:
            found = self._profiles.ask(lambda profiles: read_statistics(profiles.store, self._items))
        except FeatureViewNotFoundException:
            return None  # before the first materialisation nothing is counted, and the page says so
        except StoreAway:
            return None if self._read is None else self._read[1]
        counts = {item: said[COLUMN] for item, said in found.items()}
        known = {item: count for item, count in counts.items() if count is not None}
        return known or None
