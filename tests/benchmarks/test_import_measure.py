"""The gauge of the benchmark `import` moves: a condition that says something else is not counted as kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from benchmarks.datasets.usagov import intentions
from benchmarks.import_ import ON, _is_kept, _matched, _whole
from catalog.importers.usagov import import_usagov
from catalog.loader import load_catalogue
from models.recommendation import Verdict
from tests.catalog.importers.usagov_content import write_content


def kept(source: Path, out: Path) -> list[str]:
    imported = load_catalogue(out)
    matched = _matched(intentions(source, ON), imported)
    return [condition[0].key for condition in matched if _is_kept(*condition, imported)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_content(tmp_path / "source")


@pytest.fixture
def imported(source: Path, tmp_path: Path) -> Path:
    import_usagov(source, tmp_path / "imported")
    return tmp_path / "imported"


def test_a_sound_import_is_kept_whole(source: Path, imported: Path) -> None:
    assert len(kept(source, imported)) == 3
    catalogue = load_catalogue(imported)
    assert _whole(_matched(intentions(source, ON), catalogue), catalogue) == 1


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("years_since_birth >= 18", "years_since_birth > 18", 2),
        ("years_since_birth < 64", "years_since_birth <= 64", 2),
        ("IN ('new_york', 'elsewhere')", "IN ('new_york')", 2),
        ("IN ('new_york', 'elsewhere')", "IN ('new_york', 'elsewhere', 'ohio')", 2),
        ("applicant_insured = TRUE", "applicant_insured = FALSE", 2),
        ("applicant_insured = TRUE", "applicant_insured = TRUE OR applicant_insured = FALSE", 2),
        ("applicant_insured = TRUE", "TRUE", 2),
    ],
)
def test_a_condition_turned_is_not(old: str, new: str, left: int, source: Path, imported: Path) -> None:
    path = imported / "public_services" / "allowance.yaml"
    text = path.read_text(encoding="utf8")
    assert old in text
    path.write_text(text.replace(old, f'"{new}"' if new == "TRUE" else new), encoding="utf8")
    assert len(kept(source, imported)) == left


def test_what_the_source_means_is_told_by_day(source: Path) -> None:
    (age, state, insured) = intentions(source, dt.date(2026, 3, 2))
    told = {probe.answer: probe.verdict for probe in age.probes}
    assert told[dt.date(2008, 3, 2)] is Verdict.TRUE
    assert told[dt.date(2008, 3, 3)] is Verdict.FALSE
    assert told[dt.date(1962, 3, 2)] is Verdict.FALSE
    assert told[dt.date(1962, 3, 3)] is Verdict.TRUE
    assert {probe.answer for probe in state.probes} == {"New York", "Ohio", "Elsewhere", None}
    assert insured.probes[-1].verdict is Verdict.UNKNOWN
