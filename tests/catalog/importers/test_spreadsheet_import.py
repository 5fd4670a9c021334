"""A filled template becomes a catalogue: the one it came from, or all of it but what is named as wrong."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import sheets as authored
from catalog import vocabulary
from catalog.catalogue import Catalogue
from catalog.exporters.spreadsheet import Rows, rows_of
from catalog.exporters.workbook import FIRST_ROW, write_csv_folder, write_workbook
from catalog.importers.spreadsheet import SetAside, SpreadsheetReport, import_spreadsheet
from catalog.importers.spreadsheet_layout import NOTES, layout
from catalog.importers.spreadsheet_reading import SpreadsheetError
from catalog.loader import load_catalogue
from catalog.reading import read_sheets
from catalog.support_policy import ApplyMode, BenefitType

ROOT = Path(__file__).resolve().parents[3]
SHEETS = {
    "themes": authored.ThemeSheet,
    "consent_groups": authored.ThemeSheet,
    "services": authored.PublicServiceSheet,
    "policies": authored.SupportPolicySheet,
    "relations": authored.RelationSheet,
    "events": authored.EventSheet,
    "steps": authored.StepSheet,
    "conditions": authored.CriterionSheet,
    "attributes": authored.AttributeSheet,
    "values": vocabulary.Names,
    "evidence_types": authored.EvidenceTypeSheet,
    "parameters": authored.ParameterSheet,
}


def rows_from(folder: Path) -> Rows:
    return rows_of(read_sheets(folder, []), layout())


@pytest.fixture
def rows(sound: Path) -> Rows:
    return rows_from(sound)


Take = Callable[[Rows], tuple[SpreadsheetReport, Catalogue]]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Lays rows down as CSV files and imports them."""

    def take_(rows: Rows) -> tuple[SpreadsheetReport, Catalogue]:
        write_csv_folder(rows, layout(), tmp_path / "csv")
        report = import_spreadsheet(tmp_path / "csv", tmp_path / "imported")
        return report, load_catalogue(tmp_path / "imported")

    return take_


def row(rows: Rows, sheet: str, **having: str) -> dict[str, str]:
    (found,) = [each for each in rows[sheet] if having.items() <= each.items()]
    return found


def reasons(report: SpreadsheetReport, sheet: str) -> dict[tuple[int, str], str]:
    return {(each.row, each.column): each.what for each in report.set_aside if each.sheet == sheet}


@pytest.mark.slow
def test_the_real_catalogue_comes_back_the_same(real: Catalogue, tmp_path: Path) -> None:
    write_workbook(rows_from(ROOT / "catalog" / "data"), layout(), tmp_path / "all.xlsx")
    report = import_spreadsheet(tmp_path / "all.xlsx", tmp_path / "out")
    assert load_catalogue(tmp_path / "out").version == real.version
    assert report.set_aside == ()
    assert (report.rows, report.items) == (report.kept, len(real.items))


def test_so_does_a_small_one_by_csv(take: Take, rows: Rows, sound: Path) -> None:
    report, catalogue = take(rows)
    assert report.set_aside == ()
    assert catalogue == load_catalogue(sound)


def test_a_template_filled_with_the_registers_alone_is_a_catalogue_without_items(
    tmp_path: Path, sound: Path
) -> None:
    write_workbook(rows_of(read_sheets(sound, []), layout(), "registers"), layout(), tmp_path / "a.xlsx")
    assert import_spreadsheet(tmp_path / "a.xlsx", tmp_path / "out").items == 0
    catalogue, whole = load_catalogue(tmp_path / "out"), load_catalogue(sound)
    assert (catalogue.attributes, catalogue.parameters) == (whole.attributes, whole.parameters)
    assert catalogue.items == {}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_field_an_author_may_write_has_a_column(sheet: str) -> None:
    form = layout().sheet(sheet)
    columns = {column.target[0] for column in form.columns if column.target}
    parts = {each.part_of.target for each in layout().parts_of(sheet) if each.part_of}
    assert columns | parts == set(SHEETS[sheet].__struct_fields__)


def test_the_drop_downs_offer_exactly_the_words_of_the_vocabulary() -> None:
    choices = {name: set(words) for name, words in layout().choices.items()}
    literal = {
        "paper_kind": field(authored.EvidenceTypeSheet, "kind"),
        "combination": field(authored.RelationSheet, "kind"),
        "every": field(authored.AmountSheet, "every"),
        "benefit_type": BenefitType,
        "apply_mode": ApplyMode,
    }
    enums = {
        "subject": vocabulary.SubjectKind,
        **{name: getattr(vocabulary, name.title()) for name in ("scope", "level", "nature", "procedure")},
        **{name: getattr(vocabulary, name.title()) for name in ("proactive", "delicacy", "status")},
        **{name: getattr(vocabulary, name.title()) for name in ("confidence", "origin", "sensitivity")},
        "value_type": vocabulary.ValueType,
    }
    expected = {name: set(typing.get_args(words)) for name, words in literal.items()}
    expected |= {name: {str(word) for word in words} for name, words in enums.items()}
    assert choices == {**expected, "money_unit": {"yuan", "wan_yuan"}}


def field(sheet: type[msgspec.Struct], name: str) -> Any:
    return next(each.type for each in msgspec.structs.fields(sheet) if each.name == name)


def test_the_workbook_is_made_to_be_filled_in(rows: Rows, tmp_path: Path) -> None:
    write_workbook(rows, layout(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == [NOTES, *(sheet.zh for sheet in layout().sheets)]
    services = book["政务服务事项"]
    assert [services.cell(1, 1).value, services.cell(2, 1).value] == ["编号*", "id"]
    lists = {
        str(each.sqref).split(":")[0]: each.formula1 for each in services.data_validations.dataValidation
    }
    place = {column.key: at for at, column in enumerate(layout().sheet("services").columns)}
    assert lists[f"{openpyxl.utils.get_column_letter(place['nature'] + 1)}3"] == '"必须办,可享受,其他"'
    assert lists[f"{openpyxl.utils.get_column_letter(place['theme'] + 1)}3"].startswith("'主题'!$A$3")
    assert all(len(each) <= 255 for each in lists.values())


@pytest.mark.parametrize(
    ("sheet", "having", "column", "cell", "told"),
    [
        ("services", {"id": "senior-card"}, "nature", "随便", "`随便` is not offered here"),
        ("services", {"id": "senior-card"}, "legal_basis", "", "`legal_basis` (法律依据) is empty"),
        ("services", {"id": "senior-card"}, "theme", "nowhere", "unknown theme `nowhere`"),
        ("services", {"id": "senior-card"}, "evidence", "m-nothing", "unknown evidence type `m-nothing`"),
        ("services", {"id": "senior-card"}, "valid_from", "2025-02-29", "`2025-02-29` is no day"),
        ("services", {"id": "senior-card"}, "lead_days", "一个月", "`一个月` is no whole number"),
        ("services", {"id": "senior-card"}, "id", "../../senior", "`../../senior` is not written as an id"),
        ("services", {"id": "senior-card"}, "id", "birth-registration", "is already in row 3"),
        (
            "services",
            {"id": "senior-card"},
            "id",
            "newborn",
            "is already in row 4 of 政务服务事项 (services)",
        ),
        ("services", {"id": "birth-registration"}, "deadline", "within(age,+1M)", "which is no date"),
        ("services", {"id": "birth-registration"}, "rolls", "maybe", "neither yes nor no"),
        ("policies", {"id": "expansion-grant"}, "amount", "inf", "no number one can count with"),
        ("policies", {"id": "expansion-grant"}, "amount", "一千", "`一千` is no number"),
        ("policies", {"id": "expansion-grant"}, "amount_unit", "", "an amount without a unit"),
        ("policies", {"id": "expansion-grant"}, "amount_per", "age", "belongs to another scope"),
        ("relations", {"of": "expansion-grant"}, "other", "no-such", "unknown support policy `no-such`"),
        ("relations", {"of": "expansion-grant"}, "of", "no-such", "`no-such` is in no row of 惠企政策"),
        ("steps", {"service": "senior-card"}, "service", "no-such", "unknown public service `no-such`"),
        ("conditions", {"item": "senior-card"}, "when", "age >> 60", "is outside the language of conditions"),
        ("conditions", {"item": "senior-card"}, "when", "shoe_size >= 60", "unknown attribute `shoe_size`"),
        ("conditions", {"item": "senior-card"}, "item", "no-such", "`no-such` is in no row of 政务服务事项"),
        ("conditions", {"id": "unregistered"}, "id", "born", "criterion `born` is given twice"),
        ("attributes", {"name": "age"}, "derived", "years_between(nobody, on)", "derived wrongly"),
        ("attributes", {"name": "township"}, "register", "other-register", "for the same office and subject"),
        ("attributes", {"name": "hukou"}, "implied_values", "dashilan", "`dashilan` is not a pair"),
        ("attributes", {"name": "staff"}, "unit", "", "is a number without a unit"),
        ("values", {"value": "other"}, "value", "BJ", "`BJ` is given twice"),
        ("evidence_types", {"id": "m-hukou-book"}, "substitutes", "m-no", "replaced by the unknown `m-no`"),
        ("figures", {"value": "2200"}, "valid_from", "2023-01-01", "not in the order of their days"),
        ("parameters", {"name": "param_wage_line"}, "name", "wage_line", "starts with `param_`"),
    ],
)
def test_a_bad_cell_is_named_and_takes_only_what_rests_on_it(
    sheet: str, having: dict[str, str], column: str, cell: str, told: str, rows: Rows, take: Take
) -> None:
    before = sum(map(len, rows.values()))
    row(rows, sheet, **having)[column] = cell
    report, catalogue = take(rows)
    assert [each for each in report.set_aside if told in each.what], report.set_aside
    assert all(each.what and each.remedy for each in report.set_aside)
    assert report.rows == before == report.kept + report.rows_set_aside
    assert report.items == len(catalogue.items) > 0


def test_the_cell_is_told_by_sheet_row_and_column(rows: Rows, take: Take) -> None:
    row(rows, "services", id="senior-card")["nature"] = "随便"
    report, _ = take(rows)
    place = [column.key for column in layout().sheet("services").columns].index("nature")
    letter = openpyxl.utils.get_column_letter(place + 1)
    (found,) = [each for each in report.set_aside if "随便" in each.what]
    assert (found.sheet, found.row, found.column) == ("services", FIRST_ROW + 1, f"{letter} (nature)")
    assert str(found).startswith(
        f"services row 4, column {letter} (nature): `随便` is not offered here -> use one"
    )


def test_what_rests_on_a_bad_row_is_left_out_and_told_which(rows: Rows, take: Take) -> None:
    row(rows, "conditions", item="birth-registration", id="born")["when"] = "child_birth_date IS MAYBE"
    report, catalogue = take(rows)
    assert set(catalogue.items) == {"senior-card", "expansion-grant", "expansion-loan"}
    assert catalogue.events == {}
    assert (
        "left out with row 3 of 条件 (conditions), which is a part of it"
        in reasons(report, "services").values()
    )
    told = {each.what: each.remedy for each in report.set_aside if each.sheet == "steps"}
    assert told["a step is the unknown public service `birth-registration`"] == (
        "put right row 3 of 政务服务事项 (services) first"
    )


def test_all_faults_are_told_at_once(rows: Rows, take: Take) -> None:
    row(rows, "services", id="senior-card").update(nature="随便", valid_to="soon", legal_basis="")
    row(rows, "conditions", item="senior-card")["when"] = "hight > 3"
    row(rows, "conditions", item="newborn")["when"] = "child_birth_date = 5"
    row(rows, "events", id="newborn")["trigger"] = "nothing"
    row(rows, "policies", id="expansion-loan")["category"] = "family"
    told = " | ".join(each.what for each in take(rows)[0].set_aside)
    for what in ("`随便`", "`soon`", "(法律依据) is empty", "unknown attribute `hight`", "type mismatch"):
        assert what in told
    for what in ("unknown trigger `nothing`", "unknown category `family`"):
        assert what in told


def test_a_condition_is_never_dropped_from_an_item_that_is_kept(rows: Rows, take: Take) -> None:
    row(rows, "conditions", item="birth-registration", id="unregistered")["when"] = "nonsense("
    _, catalogue = take(rows)
    assert "birth-registration" not in catalogue.items


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_broken_all_rows_are_accounted_for(
    data: st.DataObject, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = rows_from(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        sheet = data.draw(st.sampled_from([key for key in rows if rows[key]]))
        column = data.draw(st.sampled_from(layout().sheet(sheet).columns)).key
        cells = ["", "x", "0", "-1", "TRUE", "2025-01-01", "age", "senior-card", "m-hukou-book", "a=b", "`;'"]
        data.draw(st.sampled_from(rows[sheet]))[column] = data.draw(st.sampled_from(cells))
    folder = tmp_path_factory.mktemp("broken")
    write_csv_folder(rows, layout(), folder / "csv")
    report = import_spreadsheet(folder / "csv", folder / "out")
    kept = load_catalogue(folder / "out")
    assert report.rows == report.kept + report.rows_set_aside
    assert report.rows == sum(any(each.values()) for table in rows.values() for each in table)
    assert (report.items, report.events) == (len(kept.items), len(kept.events))
    conditions = sum(len(thing.criteria) for thing in (*kept.items.values(), *kept.events.values()))
    aside = {each.row for each in report.set_aside if each.sheet == "conditions"}
    assert conditions == sum(any(each.values()) for each in rows["conditions"]) - len(aside)


def test_excel_may_type_the_cells_itself(rows: Rows, tmp_path: Path) -> None:
    write_workbook(rows, layout(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    place = {column.key: at for at, column in enumerate(layout().sheet("services").columns, start=1)}
    typed = {"valid_from": dt.date(2020, 1, 31), "lead_days": 45.0, "rolls": True}
    for column, value in typed.items():
        book["政务服务事项"].cell(4, place[column]).value = value
    book["条件"].cell(3, 3).value = True
    book.save(tmp_path / "b.xlsx")
    report = import_spreadsheet(tmp_path / "b.xlsx", tmp_path / "out")
    assert report.set_aside == ()
    card = load_catalogue(tmp_path / "out").public_services["senior-card"]
    assert card.valid_from == "2020-01-31"


def test_a_formula_is_no_value(rows: Rows, tmp_path: Path) -> None:
    write_workbook(rows, layout(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["政务服务事项"].cell(4, 2).value = "=B3"
    book.save(tmp_path / "b.xlsx")
    report = import_spreadsheet(tmp_path / "b.xlsx", tmp_path / "out")
    found = SetAside("政务服务事项", 4, "B (name_zh)", "a formula `=B3`", "paste its value in its place")
    assert found in report.set_aside


def test_a_text_that_looks_like_a_formula_stays_a_text(rows: Rows, tmp_path: Path) -> None:
    row(rows, "services", id="senior-card")["note"] = "=1+1"
    write_workbook(rows, layout(), tmp_path / "a.xlsx")
    assert import_spreadsheet(tmp_path / "a.xlsx", tmp_path / "out").set_aside == ()
    assert load_catalogue(tmp_path / "out").public_services["senior-card"].note == "=1+1"


def test_chinese_headings_and_the_encoding_of_a_chinese_excel_do(
    rows: Rows, tmp_path: Path, sound: Path
) -> None:
    write_csv_folder(rows, layout(), tmp_path / "csv")
    for path in (tmp_path / "csv").glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
        path.write_bytes("".join([text[0], *text[2:]]).encode("gb18030").replace("’".encode("gb18030"), b"'"))
    report = import_spreadsheet(tmp_path / "csv", tmp_path / "out")
    assert report.set_aside == ()
    assert load_catalogue(tmp_path / "out").items == load_catalogue(sound).items


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("servces.csv", "id,name_zh\nx,y\n", "`servces` is no sheet of the template"),
        ("政务服务事项.csv", "id,name_zh\nx,y\n", "is there twice"),
        ("themes.csv", "id,name_zh,colour\nx,y,red\n", "unknown column `colour`"),
        ("themes.csv", "id,name_zh,编号\nx,y,z\n", "the column `编号` twice"),
        ("themes.csv", "id,name_zh\nx,y,z\n", "row 2 has a cell in no column"),
        ("themes.csv", "health,健康,Health\n", "no row with the columns' names"),
    ],
)
def test_a_file_built_otherwise_is_refused(
    file: str, content: str, told: str, rows: Rows, tmp_path: Path
) -> None:
    write_csv_folder(rows, layout(), tmp_path / "csv")
    (tmp_path / "csv" / file).write_text(content, encoding="utf8")
    with pytest.raises(SpreadsheetError, match=told):
        import_spreadsheet(tmp_path / "csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(SpreadsheetError, match=r"save it as \.xlsx"):
        import_spreadsheet(tmp_path / "a.xlsx", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpreadsheetError, match="holds no row"):
        import_spreadsheet(tmp_path / "empty", tmp_path / "out")
