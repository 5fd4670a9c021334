"""The difference told on a city: once, whatever breaks, missed days caught up, and never what is untrue."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Connection, select

from pipelines.difference.run import DifferenceReport, difference
from pipelines.difference.worth_telling import GAINED, worth_telling
from pipelines.score.standings_store import Standings, StandingsError
from records.bulk import read_rows
from records.database import open_records, reading, writing
from records.departures import Departure, record_departure
from records.reminders import reminder_key
from records.settings import Settings
from records.tables import difference_part, inbox, outbox
from tests.scored_city import TODAY, copied, morning, moved_to, real_catalogue, scored

PARTS = 3
KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.difference import run
from records.settings import Settings
from tests.scored_city import TODAY, morning, real_catalogue

left = int(sys.argv[2])
note = run.note_part

def dies(*args):
    global left
    noted = note(*args)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return noted

run.note_part = dies
run.difference(Settings(home=Path(sys.argv[1]), today=TODAY), real_catalogue(), morning(TODAY))
"""


@contextmanager
def records_of(settings: Settings, *, write: bool = False) -> Iterator[Connection]:
    engine = open_records(settings)
    try:
        with writing(engine) if write else reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def told(settings: Settings) -> pl.DataFrame:
    """Every reminder ever told, in the order of keys."""
    columns = (inbox.c.key, inbox.c.subject, inbox.c.item, inbox.c.due_on, inbox.c.reason_code)
    wanted = select(*columns, inbox.c.closed_at, inbox.c.closed_because)
    with records_of(settings) as connection:
        return read_rows(connection, wanted.where(inbox.c.kind == "reminder")).sort("key")


def open_keys(settings: Settings) -> set[str]:
    return set(told(settings).filter(pl.col("closed_at").is_null())["key"])


def due_keys(standings: Standings) -> set[str]:
    """The keys of all that a file says is due, and of nobody who departed."""
    frame = pl.concat([standings.read(part, PARTS) for part in range(PARTS)])
    due = worth_telling(frame, real_catalogue()).filter(pl.col("urgency") != GAINED)
    columns = ("subject", "scope_item", "item", "cycle", "urgency")
    return {reminder_key(*row) for row in due.select(columns).iter_rows()}


def tell_on(settings: Settings, on: dt.date) -> DifferenceReport:
    return difference(moved_to(settings, on), real_catalogue(), morning(on))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory, scored_city: Settings) -> Settings:
    """The city scored on its day and on three later ones; nothing told."""
    settings = copied(scored_city, tmp_path_factory.mktemp("days"))
    for later in LATER:
        scored(moved_to(settings, later), later)
    return settings


LATER = tuple(TODAY + dt.timedelta(days=days) for days in (1, 24, 45))
"""The second within the filing of July, the last after it."""


@pytest.fixture
def own_days(days: Settings, tmp_path: Path) -> Settings:
    return copied(days, tmp_path / "home")


def test_the_first_time_all_that_is_due_is_told_once(own_city: Settings) -> None:
    standings = Standings(own_city.standings_path / f"{TODAY}/1")
    first = tell_on(own_city, TODAY)
    assert first.since is None
    assert first.now == PARTS
    assert due_keys(standings) == open_keys(own_city)
    assert len(due_keys(standings)) > 20
    before = told(own_city)
    again = tell_on(own_city, TODAY)
    assert (again.now, again.done) == (0, first.done)
    assert told(own_city).equals(before)


@pytest.mark.slow
def test_told_day_by_day_or_after_missed_days_the_same_is_open(own_days: Settings, tmp_path: Path) -> None:
    jumped = copied(own_days, tmp_path / "jumped")
    for settings, on_days in ((own_days, (TODAY, *LATER)), (jumped, (TODAY, LATER[-1]))):
        for on in on_days:
            difference(moved_to(settings, on), real_catalogue(), morning(on), to=on)
    last = Standings(own_days.standings_path / f"{LATER[-1]}/1")
    stepwise = told(own_days).filter(pl.col("closed_at").is_null(), pl.col("reason_code") != "eligible")
    at_once = told(jumped).filter(pl.col("closed_at").is_null(), pl.col("reason_code") != "eligible")
    gained = stepwise.filter(~pl.col("key").is_in(list(due_keys(last))))
    assert set(gained["reason_code"]) <= {"eligible_until", "no_application", "self_declared_relief"}
    assert due_keys(last) <= set(stepwise["key"])
    assert due_keys(last) <= set(at_once["key"])
    # What closed in the days that were missed is not told as open.
    missed = set(told(own_days)["key"]) - set(told(jumped)["key"])
    assert missed, "something opened and closed in between"
    assert not missed & open_keys(jumped)


@pytest.mark.slow
def test_what_is_open_is_never_past_its_last_day(own_days: Settings) -> None:
    for on in (TODAY, LATER[-1]):
        difference(moved_to(own_days, on), real_catalogue(), morning(on), to=on)
    open_ = told(own_days).filter(pl.col("closed_at").is_null())
    dated = open_.filter(pl.col("reason_code").is_in(["obligation_due", "right_lapsing"]))
    assert dated.height > 0
    assert dated["due_on"].min() >= LATER[-1]  # type: ignore[operator]
    assert set(told(own_days)["closed_because"].drop_nulls()) <= {"done", "untrue"}


@pytest.mark.slow
@pytest.mark.parametrize("partition", [1, 2, 3])
def test_killed_in_any_partition_it_goes_on_and_tells_nothing_twice(
    scored_city: Settings, tmp_path: Path, partition: int
) -> None:
    settings, whole = copied(scored_city, tmp_path / "killed"), copied(scored_city, tmp_path / "whole")
    root = str(Path(__file__).resolve().parents[3])
    killed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(settings.home), str(partition)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with records_of(settings) as connection:
        done = connection.execute(select(difference_part.c.partition)).scalars().all()
    assert sorted(done) == list(range(partition - 1)), "the killed partition left nothing"
    halves = told(settings)
    report = tell_on(settings, TODAY)
    assert report.now == PARTS - partition + 1
    tell_on(whole, TODAY)
    assert told(settings).drop("closed_at").equals(told(whole).drop("closed_at"))
    assert set(halves["key"]) <= set(told(settings)["key"])
    assert report.done == tell_on(whole, TODAY).done


@pytest.mark.slow
def test_a_file_that_is_gone_is_made_up_for(own_days: Settings) -> None:
    """Without the file of what was told last, inboxes are compared with what holds."""
    difference(moved_to(own_days, TODAY), real_catalogue(), morning(TODAY), to=TODAY)
    (own_days.standings_path / f"{TODAY}/1/manifest.json").unlink()
    later = LATER[-1]
    report = difference(moved_to(own_days, later), real_catalogue(), morning(later), to=later)
    assert report.since is None
    assert open_keys(own_days) == due_keys(Standings(own_days.standings_path / f"{later}/1"))


@pytest.mark.slow
def test_a_day_before_the_one_told_last_is_refused_unless_asked_for(own_days: Settings) -> None:
    """Told backwards, what became due since would be closed as untrue."""
    later = LATER[-1]
    tell_on(own_days, later)
    before = told(own_days)
    with pytest.raises(StandingsError, match=f"{later} was told already.*--from"):
        difference(moved_to(own_days, later), real_catalogue(), morning(later), to=TODAY)
    assert told(own_days).equals(before)
    asked = difference(moved_to(own_days, later), real_catalogue(), morning(later), to=TODAY, since=later)
    assert asked.now == PARTS


def test_the_departed_are_told_nothing(own_city: Settings) -> None:
    frame = Standings(own_city.standings_path / f"{TODAY}/1").read(0, PARTS)
    gone = worth_telling(frame, real_catalogue())["subject"][0]
    with records_of(own_city, write=True) as connection:
        record_departure(connection, gone, Departure("death", TODAY), morning(TODAY))
    tell_on(own_city, TODAY)
    assert gone not in set(told(own_city)["subject"])


def test_without_a_scoring_it_is_refused_with_a_remedy(small_city: Settings) -> None:
    with pytest.raises(StandingsError, match="qianmian score"):
        difference(small_city, real_catalogue(), morning(TODAY))


def test_nobody_without_an_address_is_pushed_to(own_city: Settings) -> None:
    tell_on(own_city, TODAY)
    with records_of(own_city) as connection:
        assert connection.execute(select(outbox.c.id)).all() == []
