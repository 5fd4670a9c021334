"""What an editor is told: doubtful things, and what changed between two catalogues."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.difference import Change, difference
from catalog.lint import Finding, lint
from catalog.loader import load_catalogue

ON = dt.date(2026, 3, 1)
BIRTH = "public_services/birth-registration.yaml"
CARD = "public_services/senior-card.yaml"
GRANT = "support_policies/expansion-grant.yaml"
NEWBORN = "events/newborn.yaml"
POLICE = "attributes/police.yaml"
REGISTERED = (
    "Child is registered}\n    subject: citizen\n    scope: child\n    type: boolean\n    origin: authority"
)
LINE = "parameters/param_wage_line.yaml"


def edited(sound: Path, file: str, old: str, new: str) -> Catalogue:
    path = sound / file
    text = path.read_text(encoding="utf8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf8")
    return load_catalogue(sound)


def findings(catalogue: Catalogue, kind: str, on: dt.date = ON) -> list[str]:
    return [finding.id for finding in lint(catalogue, on) if finding.kind == kind]


def test_a_sound_catalogue_has_next_to_nothing_doubtful(sound: Path) -> None:
    assert {(each.kind, each.id) for each in lint(load_catalogue(sound), ON)} == {
        ("unused_evidence", "m-hukou-page")
    }


def test_every_finding_says_what_to_do(real: Catalogue) -> None:
    found = lint(real, ON)
    assert found == tuple(sorted(found))
    assert all(finding.what and finding.remedy for finding in found)
    assert {finding.kind for finding in found} <= {
        *("unverified_link", "contradicts_event", "parameter_unknown", "out_of_order", "unused_evidence"),
        *("shadowed", "no_register"),
    }


@pytest.mark.parametrize(
    ("day", "kind"),
    [("2028-01-01", "expired"), ("2027-12-31", "expiring"), ("2027-10-02", "expiring"), ("2027-10-01", None)],
)
def test_an_end_is_told_before_and_after_it(day: str, kind: str | None, sound: Path) -> None:
    found = lint(load_catalogue(sound), dt.date.fromisoformat(day))
    assert [each.kind for each in found if each.id == "expansion-grant"] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("kind", "id_", "file", "old", "new"),
    [
        ("unsatisfiable", "senior-card", CARD, "age >= 60", "age >= 60 AND age < 50"),
        ("always_true", "senior-card/age", CARD, "age >= 60", "age >= 60 OR age < 60"),
        (
            "redundant_criterion",
            "senior-card/old",
            CARD,
            "    when: age >= 60\n",
            "    when: age >= 60\n  - id: old\n    when: age >= 50\n",
        ),
        (
            "contradicts_event",
            "newborn",
            NEWBORN,
            "when: child_birth_date IS NOT NULL",
            "when: child_registered",
        ),
        ("out_of_order", "newborn", BIRTH, "evidence: [m-birth-cert]", "evidence: [m-proof]"),
        ("unverified_link", "newborn", CARD, "confidence: medium", "confidence: medium\nstatus: unverified"),
        (
            "malformed_link",
            "senior-card",
            CARD,
            "level: city",
            "level: city\nchannels: {online: 'example.cn'}",
        ),
        ("parameter_unknown", "param_wage_line", LINE, '"2024-01-01"', '"2024-12-31"'),
        ("unread_attribute", "wage", GRANT, "wage >= param_wage_line", "staff >= param_wage_line"),
        ("nobody_issues", "m-birth-cert", "evidence_types/office.yaml", "    fetchable: true\n", ""),
        ("no_register", "child_registered", POLICE, REGISTERED, REGISTERED.replace("authority", "declared")),
    ],
)
def test_each_kind_of_doubt_is_found(kind: str, id_: str, file: str, old: str, new: str, sound: Path) -> None:
    if kind == "out_of_order":
        office = sound / "evidence_types" / "office.yaml"
        proof = "  m-proof: {names: {zh: 证明, en: Proof}, kind: proof}\n"
        office.write_text(office.read_text(encoding="utf8") + proof, encoding="utf8")
        card = sound / CARD
        text = card.read_text(encoding="utf8").replace("confidence:", "outputs: [m-proof]\nconfidence:")
        card.write_text(text, encoding="utf8")
    on = dt.date(2024, 6, 1) if kind == "parameter_unknown" else ON
    assert id_ not in findings(load_catalogue(sound), kind, on)
    assert id_ in findings(edited(sound, file, old, new), kind, on)


def test_nothing_changes_between_equal_catalogues(sound: Path) -> None:
    assert difference(load_catalogue(sound), load_catalogue(sound)) == ()


def test_a_changed_condition_is_told_before_and_after(sound: Path) -> None:
    old = load_catalogue(sound)
    (change,) = difference(old, edited(sound, CARD, "age >= 60", "age >= 65"))
    assert change == Change(
        "public_services", "senior-card", "changed", "criteria", "age: age >= 60", "age: age >= 65"
    )
    assert change.judging


def test_a_changed_name_changes_nobodys_standing(sound: Path) -> None:
    old = load_catalogue(sound)
    (change,) = difference(old, edited(sound, CARD, "en: Senior card", "en: Elder card"))
    assert (change.field, change.judging) == ("names", False)


def test_what_comes_and_goes_is_told(sound: Path) -> None:
    old = load_catalogue(sound)
    (sound / NEWBORN).unlink()
    new = load_catalogue(sound)
    assert difference(old, new) == (Change("events", "newborn", "removed"),)
    assert difference(new, old) == (Change("events", "newborn", "added"),)
    assert all(change.judging for change in difference(old, new))


def test_a_deadline_is_told_as_written(sound: Path) -> None:
    old = load_catalogue(sound)
    (change,) = difference(
        old, edited(sound, BIRTH, "within(child_birth_date,+1M)", "within(child_birth_date,+2M)")
    )
    assert (change.before, change.after) == ("within(child_birth_date,+1M)", "within(child_birth_date,+2M)")


def test_findings_are_values() -> None:
    assert Finding("expired", "a", "b", "c") < Finding("expired", "b", "b", "c")
