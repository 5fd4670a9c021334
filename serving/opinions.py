"""What all subjects made of the items, counted now and then in the background: no page waits for it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from catalog.catalogue import Catalogue
from models.feedback.chance import Exposure
from models.feedback.quality import Quality, against, qualities
from models.feedback.terms import Terms, default_terms
from records.database import reading
from records.item_feedback import item_feedback

FRESH_SECONDS: Final = 900.0
MOST_OF_THE_TIME: Final = 20.0
"""A count is left alone for so many times as long as it took."""
LOOK_BACK: Final = dt.timedelta(days=180)

logger = logging.getLogger("qianmian.serving")


@dataclass(frozen=True, slots=True)
class Opinions:
    """By item: how often it was shown and taken, how it was rated, and what that says against it."""

    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    ratings: Mapping[str, Quality] = field(default_factory=dict)
    against: Mapping[str, float] = field(default_factory=dict)
    counted: bool = False
    """False until anything was counted: nothing counts as new then."""


@dataclass(slots=True)
class OpinionCount:
    """Counts opinions and keeps the last count."""

    engine: Engine
    catalogue: Catalogue
    at: Callable[[], dt.datetime]
    terms: Terms = field(default_factory=default_terms)
    _last: Opinions = field(default_factory=Opinions)
    _due: float = 0.0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def latest(self) -> Opinions:
        """The last count; a new one is begun in the background where that is old."""
        if time.monotonic() >= self._due and self._counting.acquire(blocking=False):
            threading.Thread(target=self._recount, name="opinions", daemon=True).start()
        return self._last

    def count(self) -> Opinions:
        """Count now."""
        with reading(self.engine) as connection:
            at, begun = self.at(), time.monotonic()
            told = item_feedback(connection, self.catalogue, at - LOOK_BACK, at)
        found = qualities(told.ratings, at.date(), self.terms)
        self._last = Opinions(told.exposures, found, against(found, self.terms), counted=True)
        took = time.monotonic() - begun
        self._due = time.monotonic() + max(FRESH_SECONDS, MOST_OF_THE_TIME * took)
        return self._last

    def _recount(self) -> None:
        try:
            self.count()
        except SQLAlchemyError as error:
            logger.warning("opinions were not counted: %s", type(error).__name__)
            self._due = time.monotonic() + FRESH_SECONDS / 10
        finally:
            self._counting.release()
