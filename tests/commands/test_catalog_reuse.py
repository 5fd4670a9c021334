"""From the keyboard: what is asked for most, weighted as asked, and said so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands.main import app


def qianmian(*words: object) -> Result:
    return CliRunner().invoke(app, ["catalog", "reuse", *map(str, words)], env={"COLUMNS": "200"})


def test_the_three_maps_are_shown_with_their_weighting() -> None:
    result = qianmian("--top", 3)
    assert result.exit_code == 0
    for words in ("each counted once", "材料图谱", "居民身份证", "数据图谱", "户籍", "权责图谱", "税务"):
        assert words in result.output


def test_counts_of_a_file_weigh(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("item,count\ncs-id-loss,40000\ncs-senior-card,90000\n", encoding="utf8")
    found = json.loads(qianmian("--counts", counts, "--json").output)
    assert found["weighting"] == "cases"
    assert {each["id"]: each["submissions"] for each in found["papers"]}["m-id-card"] >= 90_000
    assert len(found["uncounted"]) > 400


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,number\na,1\n", "no columns item and count"),
        ("item,count\nno-such,1\n", "no item is called 'no-such'"),
        ("item,count\ncs-id-loss,1\ncs-id-loss,2\n", "is there twice"),
        ("item,count\ncs-id-loss,many\n", "'many' is no count"),
    ],
)
def test_a_bad_file_of_counts_is_named_row_by_row(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(content, encoding="utf8")
    result = qianmian("--counts", tmp_path / "counts.csv")
    assert result.exit_code == 1
    assert told in result.stderr.replace("\n", "")


def test_records_without_cases_weigh_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path))
    result = qianmian("--cases")
    assert result.exit_code == 1
    assert "ingest the records" in result.stderr.replace("\n", "")


def test_one_office_is_shown_under_any_of_its_names() -> None:
    result = qianmian("--office", "税务总局")
    assert result.exit_code == 0
    assert "es-vat-monthly" in result.output
    assert qianmian("--office", "no-office").exit_code == 1
