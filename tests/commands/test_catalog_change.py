"""From the keyboard: whose standing a catalogue changes, and the two people who must agree to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog import artefact
from commands.main import app
from tests.pipelines.catalogue_change.town import CARD, Person, Town, make_town


def qianmian(*words: object) -> Result:
    return CliRunner().invoke(app, ["catalog", *map(str, words)], env={"COLUMNS": "200"})


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    people = [Person(f"a{n}", dt.date(1964, 3, 2)) for n in range(40)]
    town = make_town(tmp_path, people + [Person(f"c{n}", dt.date(2000, 1, 1)) for n in range(100)])
    monkeypatch.setenv("QIANMIAN_HOME", str(town.settings.home))
    monkeypatch.setenv("QIANMIAN_TODAY", "2026-03-02")
    return town


def test_a_change_is_counted_held_approved_and_taken_into_use(town: Town) -> None:
    raised = town.edited((CARD, "age >= 60", "age >= 65"))
    folder = town.folder.with_name("edited")
    counted = qianmian("diff", town.folder, folder, "--city")
    assert counted.exit_code == 0, counted.output
    assert "citizens: 40 of 140 touched (at most 35.00%)" in counted.output
    assert "HELD: 2 more approval(s)" in counted.output
    refused = qianmian("build", folder)
    assert refused.exit_code == 1
    assert "the catalogue in use stays" in refused.stderr.replace("\n", " ")
    assert qianmian("approve", raised.version, "--by", "王芳").exit_code == 0
    assert qianmian("approve", raised.version, "--by", "王芳").exit_code == 1
    assert "it may take effect" in qianmian("approve", raised.version, "--by", "Li Ming").output
    assert qianmian("build", folder).exit_code == 0
    assert artefact.load(town.settings.catalogue_path).version == raised.version


def test_a_copy_elsewhere_is_not_taken_into_use_and_not_held(town: Town, tmp_path: Path) -> None:
    town.edited((CARD, "age >= 60", "age >= 65"))
    out = tmp_path / "copy.msgpack"
    assert qianmian("build", town.folder.with_name("edited"), "--out", out).exit_code == 0
    assert out.is_file()
    assert artefact.load(town.settings.catalogue_path).version == town.catalogue.version


def test_a_finished_sample_run_takes_no_held_catalogue_into_use(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = town.edited((CARD, "age >= 60", "age >= 65"))
    marker = '{"state": "complete", "world": "default", "seed": 1, "as_of": "2026-03-01"}'
    (town.settings.home / "sample-run.json").write_text(marker, encoding="utf8")
    monkeypatch.setattr("commands.run.DATA", town.folder.with_name("edited"))
    refused = CliRunner().invoke(app, ["run", "--check"], env={"COLUMNS": "200"})
    assert refused.exit_code == 1
    assert "the catalogue in use stays" in refused.stderr.replace("\n", " ")
    assert artefact.load(town.settings.catalogue_path).version == town.catalogue.version != raised.version


def test_without_anybody_recorded_there_is_nobody_to_count(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path / "empty"))
    result = qianmian("diff", town.folder, town.folder, "--city")
    assert result.exit_code == 1
    assert "nobody is recorded" in result.stderr


def test_registers_that_never_told_what_rules_read_are_named(town: Town) -> None:
    result = qianmian("lint", town.folder, "--city")
    assert result.exit_code == 0
    silent = [line.split()[1] for line in result.output.splitlines() if line.strip().startswith("never_told")]
    assert silent == ["child_birth_date", "child_registered", "staff", "township", "wage"]
