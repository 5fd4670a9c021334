"""`qianmian daily` on a small city: all of a day's work, once, and the rest of it after a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select
from typer.testing import CliRunner

import commands.daily
from commands.main import app
from commands.sample_home import Marker, SampleHome
from pipelines.invite import InviteReport
from records.database import engine_for, reading
from records.settings import Settings
from records.tables import inbox, invitation
from tests.scored_city import TODAY, build_city, copied


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_city(tmp_path_factory.mktemp("city"))


@pytest.fixture
def city(built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = copied(built, tmp_path)
    monkeypatch.setenv("QIANMIAN_HOME", str(settings.home))
    monkeypatch.setenv("QIANMIAN_TODAY", TODAY.isoformat())
    return settings


def daily(*words: str) -> Result:
    return CliRunner().invoke(app, ["daily", *words])


def told(settings: Settings) -> tuple[int, int]:
    engine = engine_for(settings.records_url)
    with reading(engine) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (inbox, invitation)
        ]
    engine.dispose()
    return counts[0], counts[1]


def slips(settings: Settings) -> set[str]:
    return {path.stem for path in (settings.home / "daily" / TODAY.isoformat()).glob("*.json")}


@pytest.mark.slow
def test_a_day_s_work_is_done_once_whatever_fails(
    city: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    invite = commands.daily.run_invite

    def broken(*arguments: object) -> InviteReport:
        raise KeyError("somebody's data")

    monkeypatch.setattr(commands.daily, "run_invite", broken)
    first = daily()
    assert first.exit_code == 1, first.output
    assert "somebody's data" not in first.output + caplog.text
    assert "KeyError in " in caplog.text
    assert slips(city) == {one.name for one in commands.daily.steps_of(city, TODAY)} - {"invite"}
    messages, invited = told(city)
    assert messages > 0
    assert invited == 0

    monkeypatch.setattr(commands.daily, "run_invite", invite)
    second = daily()
    assert second.exit_code == 0, second.output
    assert second.output.count("done before") >= len(slips(city)) - 1
    after = told(city)
    assert after[0] > messages
    assert after[1] > 0

    third = daily()
    assert third.exit_code == 0
    assert told(city) == after
    assert daily("--again").exit_code == 0
    assert told(city) == after, "done again, nothing is told again"
    assert len(list((city.home / "standings" / TODAY.isoformat()).iterdir())) == 2
    kept = json.loads((city.home / "daily" / TODAY.isoformat() / "score.json").read_bytes())
    assert "standings of" in kept["says"]


def test_a_new_sample_run_does_not_go_on_with_another_city_s_work(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, today=TODAY)
    home, marker = (
        SampleHome(settings),
        Marker(state="under_way", world="small", seed=1, as_of=TODAY.isoformat()),
    )
    home.begin(marker)
    for left in ("standings/2026-06-10/1", "daily/2026-06-10", "reports/demand"):
        (tmp_path / left).mkdir(parents=True)
    home.begin(marker)
    assert {path.name for path in tmp_path.iterdir()} == {"sample-run.json"}
