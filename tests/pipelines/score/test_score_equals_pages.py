"""The city's file says of everybody what their page says, as far as reminders may know of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import polars as pl
import pytest

from catalog.vocabulary import SubjectKind
from features.freshness import default_shelf_life
from features.registry import open_store
from features.retrieval import OnlineProfiles
from features.statements import end_of
from models.recommendation import Homepage, Standing
from models.standing.standings_table import standings_table
from pipelines.difference.worth_telling import URGENCY_OF, entry_of, worth_telling
from records.database import reading
from records.departures import departures_of
from records.profiles import ProfileReader
from records.settings import Settings
from records.subjects import iter_subjects
from serving.desk import Clock
from serving.parts import Parts, open_parts, store_location
from serving.settings import ServingSettings
from tests.scored_city import TODAY, copied, scored

DAYS = (TODAY, TODAY + dt.timedelta(days=24))
SECTIONS = ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done")


@pytest.fixture(scope="module")
def parts(small_city: Settings) -> Iterator[Parts]:
    opened = open_parts(ServingSettings(home=small_city.home, today=small_city.today))
    yield opened
    opened.close()


def on_day(parts: Parts, on: dt.date) -> Parts:
    """The server on another day."""
    clock = Clock(on=lambda: on, at=lambda: end_of(on))
    store = open_store(store_location(parts.settings))
    online = OnlineProfiles(store, parts.catalogue, default_shelf_life(), clock.at)
    reader = ProfileReader(parts.engine, online)
    return replace(parts, desk=replace(parts.desk, clock=clock, profiles=reader))


def pages(parts: Parts) -> Iterator[Homepage]:
    for kind in SubjectKind:
        with reading(parts.engine) as connection:
            subjects = list(chain.from_iterable(iter_subjects(connection, kind)))
            departed = departures_of(connection, set(subjects))
        for subject in subjects:
            if subject in departed:
                continue  # a firm that was deregistered is told nothing, and has no page of its own
            yield parts.desk.reminder_page(kind, subject)


@pytest.mark.slow
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_everybody_stands_where_their_page_has_them(
    small_city: Settings, parts: Parts, on: dt.date, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(small_city, tmp_path_factory.mktemp("scored-on"), today=on)
    report = scored(settings, on)
    frame = pl.concat([report.standings.read(part, 3) for part in range(3)])
    seen: set[str] = set()
    urgent = 0
    for page in pages(on_day(parts, on)):
        entries = [entry for section in SECTIONS for entry in getattr(page, section)]
        wanted = standings_table(((page.subject, e) for e in entries), page.catalogue_version, on)
        found = frame.filter(pl.col("subject") == page.subject)
        assert found.equals(wanted), page.subject
        # What a reason says of its urgency is what the page says.
        told = {e["reason_code"]: e["standing"] for e in found.iter_rows(named=True)}
        for entry in page.should_do:
            assert URGENCY_OF[entry.reasons[0].code] is entry.urgency
            urgent += 1
        assert not {c for c in URGENCY_OF if told.get(c) not in (None, Standing.SHOULD_DO)}
        seen.add(page.subject)
    assert seen >= set(frame["subject"])
    # The law must not hold only because the pages are empty.
    assert urgent > 20
    assert set(frame["standing"]) >= {"should_do", "can_do", "upcoming", "needs_information", "done"}


def test_a_row_worth_telling_is_worded_as_on_the_page(scored_city: Settings, parts: Parts) -> None:
    from pipelines.score.standings_store import Standings

    standings = Standings(scored_city.standings_path / f"{TODAY}/1")
    frame = pl.concat([standings.read(part, 3) for part in range(3)])
    rows = worth_telling(frame, parts.catalogue)
    told = {(r["scope_item"], r["item"], r["cycle"]): r for r in rows.iter_rows(named=True)}
    compared = 0
    for page in pages(parts):
        for entry in (*page.should_do, *page.can_do):
            row = told.get((entry.scope_item, entry.item, entry.cycle))
            if row is not None:
                again = entry_of(row)
                assert again == replace(
                    entry,
                    label=None,
                    provisional=False,
                    unknown=(),
                    set_aside=None,
                    reasons=entry.reasons[:1],
                )
                compared += 1
    assert compared > 20


def test_nothing_is_known_that_reminders_may_not_know(scored_city: Settings, parts: Parts) -> None:
    """Whoever let reminders know nothing has nothing on file but what follows from nothing."""
    from pipelines.score.standings_store import Standings
    from records.consents import reminder_consents

    standings = Standings(scored_city.standings_path / f"{TODAY}/1")
    frame = pl.concat([standings.read(part, 3) for part in range(3)])
    with reading(parts.engine) as connection:
        given = reminder_consents(connection, frame["subject"].unique().to_list())
    silent = {subject for subject, consents in given.items() if not consents}
    assert silent, "the town has some who consented to nothing"
    theirs = frame.filter(pl.col("subject").is_in(list(silent)))
    assert set(theirs["standing"]) <= {"needs_information", "can_do", "should_do", "upcoming"}
    assert theirs.filter(pl.col("standing").is_in(["done", "in_progress"])).is_empty()
