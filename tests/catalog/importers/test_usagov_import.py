"""A small content folder in the benefit finder's notation, written here, becomes a catalogue that loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.importers.usagov import import_usagov
from catalog.importers.usagov_conditions import SourceCriterion, UnreadableConditionError, condition
from catalog.loader import load_catalogue
from tests.catalog.importers.usagov_content import BENEFIT, write_content


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_content(tmp_path / "source")


def test_every_condition_becomes_a_criterion_of_a_catalogue_that_loads(source: Path, tmp_path: Path) -> None:
    report = import_usagov(source, tmp_path / "out")
    catalogue = load_catalogue(tmp_path / "out")

    assert (report.items, report.events, report.conditions, report.kept) == (1, 1, 3, 3)
    assert [criterion.expression for criterion in catalogue.public_services["allowance"].criteria] == [
        "applicant_years_since_birth >= 18 AND applicant_years_since_birth < 64",
        "applicant_home_state IN ('new_york', 'elsewhere')",
        "applicant_insured = TRUE",
    ]
    assert (
        catalogue.attributes["applicant_years_since_birth"].derived
        == "years_between(applicant_date_of_birth, on)"
    )


def test_what_does_not_fit_is_kept_and_named(source: Path, tmp_path: Path) -> None:
    findings = import_usagov(source, tmp_path / "out").findings

    assert any("`Elsewhere` is accepted by a benefit but not offered" in finding.what for finding in findings)
    assert any("`financial_hardship` is misspelt" in finding.what for finding in findings)


def test_a_condition_that_cannot_be_read_is_counted_as_lost_and_named(source: Path, tmp_path: Path) -> None:
    more = "  - criteriaKey: applicant_shoe_size\n    acceptableValues: [42]\n"
    (source / "content/benefits/allowance.md").write_text(BENEFIT % more, encoding="utf8")

    report = import_usagov(source, tmp_path / "out")

    assert report.lost == 1
    assert [f.where for f in report.findings if f.done == "not kept"] == ["allowance"]


@pytest.mark.parametrize("value", [">18", "about 3 years", "<31-12-2020"])
def test_a_date_in_another_notation_is_refused(value: str) -> None:
    criterion = SourceCriterion(key="deceased_date_of_death", label="", type="date")
    with pytest.raises(UnreadableConditionError):
        condition(criterion, (value,))


def test_a_day_is_month_first() -> None:
    criterion = SourceCriterion(key="deceased_date_of_death", label="", type="date")
    assert condition(criterion, ("<01-02-1978",)) == "deceased_date_of_death < '1978-01-02'"
