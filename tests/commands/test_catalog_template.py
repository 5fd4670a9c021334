"""From the keyboard: hand out a template, take it back filled in, hear what is wrong with it."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from catalog.loader import load_catalogue
from commands.main import app

SERVICE = {
    "id": "district-lunch",
    "name_zh": "区助餐补贴",
    "name_en": "District lunch allowance",
    "subject": "公民",
    "scope": "本人或本企业",
    "theme": "elder-care",
    "authority": "民政",
    "level": "区",
    "nature": "可享受",
    "procedure": "给付",
    "legal_basis": "某区养老助餐办法第6条",
    "evidence": "m-id-card",
    "confidence": "高",
    "source": "district-list",
}


def qianmian(*words: object) -> Result:
    return CliRunner().invoke(app, ["catalog", *map(str, words)])


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A template with one service of another district, and one whose condition nobody can read."""
    assert qianmian("template", tmp_path / "list.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    services, conditions = book["政务服务事项"], book["条件"]
    keys = [cell.value for cell in services[2]]
    for number, service in enumerate((SERVICE, {**SERVICE, "id": "district-bus"}), start=3):
        for place, key in enumerate(keys, start=1):
            services.cell(number, place).value = service.get(str(key))
    for number, row in enumerate(
        (
            ("district-lunch", "age", "age >= 80"),
            ("district-lunch", "lives-here", "residence_district = 'haidian'"),
            ("district-bus", "age", "years >= 65"),
        ),
        start=3,
    ):
        for place, text in enumerate(row, start=1):
            conditions.cell(number, place).value = text
    book.save(tmp_path / "filled.xlsx")
    return tmp_path / "filled.xlsx"


@pytest.mark.slow
def test_a_filled_template_becomes_a_catalogue(filled: Path, tmp_path: Path) -> None:
    result = qianmian("import", "spreadsheet", filled, tmp_path / "district")
    assert result.exit_code == 0, result.output
    assert "2 set aside" in result.output
    (service,) = load_catalogue(tmp_path / "district").public_services.values()
    assert [criterion.expression for criterion in service.criteria] == [
        "age >= 80",
        "residence_district = 'haidian'",
    ]
    with (tmp_path / "district.set-aside.csv").open(encoding="utf-8-sig", newline="") as file:
        reasons = list(csv.DictReader(file))
    assert {(each["sheet"], each["row"]) for each in reasons} == {("政务服务事项", "4"), ("条件", "5")}
    assert "unknown attribute `years`" in {each["what"] for each in reasons}


def test_nothing_is_written_over(filled: Path, tmp_path: Path) -> None:
    again = qianmian("template", filled)
    assert again.exit_code == 1
    assert qianmian("import", "spreadsheet", filled, tmp_path).exit_code == 1


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "something else"
    book.save(tmp_path / "other.xlsx")
    result = qianmian("import", "spreadsheet", tmp_path / "other.xlsx", tmp_path / "out")
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()
