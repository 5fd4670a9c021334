"""Whom a catalogue that takes effect concerns: noted for the live worker, to be judged again at once."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from catalog.catalogue import Catalogue
from pipelines.catalogue_change.impact import touched_subjects
from pipelines.catalogue_change.population import population
from pipelines.catalogue_change.terms import changes_that_judge
from records.arrivals import Came, note_arrivals
from records.database import open_records, writing
from records.settings import Settings

MOST: Final = 2_000
"""A change that concerns more subjects is told by scoring the city and the difference, for everybody."""

logger = logging.getLogger("qianmian.catalogue")


def note_concerned(settings: Settings, old: Catalogue, new: Catalogue, on: dt.date) -> int:
    """Note an arrival for each subject whose verdicts or terms differ by the new catalogue; how many.

    None where they are too many to be judged one by one.
    """
    concerned: set[str] = set()
    for found in touched_subjects(old, new, population(settings), settings.attributes_path, on):
        concerned |= found
        if len(concerned) > MOST:
            logger.info("a new catalogue concerns more than %d subjects: score the city", MOST)
            return 0
    changed = frozenset(change.id for change in changes_that_judge(old, new))
    # What changed in a parameter or an attribute changes every item that reads it.
    named = changed if changed <= {*old.items, *new.items} else None
    engine = open_records(settings)
    try:
        with writing(engine) as connection:
            came = [Came(subject, "catalogue", (new.version,), named) for subject in sorted(concerned)]
            return len(note_arrivals(connection, came))
    finally:
        engine.dispose()
