"""A city run that is killed goes on where it was; nothing half-written is ever taken for whole."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.score.standings_store import MANIFEST, Standings, StandingsError, scorings
from records.database import open_records, writing
from records.departures import Departure, record_departure
from records.partitions import partition_of
from records.settings import Settings
from records.tables import case
from tests.scored_city import TODAY, copied, morning, real_catalogue, scored

PARTS = 3
KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.score import standings_store
from records.settings import Settings
from records.tables import case
from tests.scored_city import TODAY, scored

left = int(sys.argv[2])
placed = standings_store._into_place

def dies(part, file):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    placed(part, file)

standings_store._into_place = dies
scored(Settings(home=Path(sys.argv[1]), today=TODAY), TODAY)
"""
WRITES = 2 * PARTS + 2
"""What is begun, a file and a slip a partition, and the manifest."""


def hashes(standings: Standings) -> list[str]:
    assert standings.manifest is not None
    return [slip.sha256 for slip in standings.manifest.parts]


@pytest.fixture(scope="module")
def unbroken(scored_city: Settings) -> list[str]:
    return hashes(Standings(scored_city.standings_path / f"{TODAY}/1"))


@pytest.mark.slow
@pytest.mark.parametrize("write", [2, 5, WRITES])
def test_killed_at_any_write_it_goes_on_to_the_same_bytes(
    small_city: Settings, tmp_path: Path, unbroken: list[str], write: int
) -> None:
    settings = copied(small_city, tmp_path / "home")
    root = str(Path(__file__).resolve().parents[3])
    killed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(settings.home), str(write)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    begun = list(scorings(settings.standings_path))
    assert all(each.manifest is None for each in begun), "nothing is complete yet"
    whole = sum(each.slip(part) is not None for each in begun for part in range(PARTS))
    assert whole == max(0, (write - 2) // 2)
    report = scored(settings, TODAY)
    assert hashes(report.standings) == unbroken
    assert report.standings.name == f"{TODAY}/1", "the same scoring went on"
    assert report.scored < report.manifest.subjects or whole == 0
    assert not list(report.standings.folder.glob(".*")), "nothing unfinished is left lying"


def test_scored_again_it_is_the_same_and_does_nothing(scored_city: Settings, unbroken: list[str]) -> None:
    again = scored(scored_city, TODAY)
    assert again.scored == 0
    assert hashes(again.standings) == unbroken


@pytest.mark.slow
def test_another_number_of_files_holds_the_same(own_city: Settings) -> None:
    one = scored(own_city, TODAY, partitions=1)
    assert one.standings.name == f"{TODAY}/2", "beside what is there"
    three = Standings(own_city.standings_path / f"{TODAY}/1")
    parted = pl.concat([three.read(part, PARTS) for part in range(PARTS)])
    whole = one.standings.read(0, 1)
    assert parted.sort("subject", "rank").equals(whole)
    for part in range(PARTS):
        assert one.standings.read(part, PARTS).equals(three.read(part, PARTS)), "read in other parts"


def test_a_torn_file_is_not_taken_for_whole(own_city: Settings) -> None:
    standings = Standings(own_city.standings_path / f"{TODAY}/1")
    file = standings.folder / "part-0001.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(StandingsError, match="part-0001"):
        standings.read(1, PARTS)
    assert standings.slip(1) is None
    (standings.folder / MANIFEST).unlink()
    assert scored(own_city, TODAY).scored > 0
    assert standings.read(1, PARTS).height > 0


def test_a_scoring_without_its_manifest_is_not_read(own_city: Settings) -> None:
    standings = Standings(own_city.standings_path / f"{TODAY}/1")
    (standings.folder / MANIFEST).unlink()
    with pytest.raises(StandingsError, match="not complete"):
        standings.read(0, PARTS)


@pytest.mark.slow
def test_another_catalogue_is_scored_beside_not_into(own_city: Settings) -> None:
    import msgspec

    from pipelines.score.run import score

    other = msgspec.structs.replace(real_catalogue(), version="another")
    report = score(own_city, other, TODAY, morning(TODAY), PARTS)
    assert report.standings.name == f"{TODAY}/2"
    assert set(report.standings.read(0, PARTS)["catalogue_version"]) == {"another"}


def test_whoever_departed_is_not_scored(own_city: Settings) -> None:
    before = scored(own_city, TODAY, partitions=1, again=True).standings.read(0, 1)
    gone = before["subject"][0]
    engine = open_records(own_city)
    with writing(engine) as connection:
        record_departure(connection, gone, Departure("death", TODAY), morning(TODAY))
    engine.dispose()
    after = scored(own_city, TODAY, partitions=1, again=True).standings.read(0, 1)
    assert after.equals(before.filter(pl.col("subject") != gone))


def test_a_case_closed_later_was_open_then(own_city: Settings) -> None:
    """A past day is scored as the records tell of it now, less what came later."""
    before = Standings(own_city.standings_path / f"{TODAY}/1")
    assert "done_case" in pl.concat([before.read(part, PARTS) for part in range(PARTS)])["reason_code"]
    engine = open_records(own_city)
    with writing(engine) as connection:
        closed = case.update().where(case.c.closed_at.is_not(None))
        connection.execute(closed.values(closed_at=morning(TODAY + dt.timedelta(days=5))))
    engine.dispose()
    then = scored(own_city, TODAY, partitions=1, again=True).standings.read(0, 1)
    assert "done_case" not in then["reason_code"]
    assert "in_progress" in then["standing"]


def test_the_part_of_an_id_never_changes() -> None:
    ids = pl.Series(["c-000001", "e-000001", "小满"])
    assert partition_of(ids, 1).to_list() == [0, 0, 0]
    assert partition_of(ids, 16).to_list() == [1, 14, 12]
