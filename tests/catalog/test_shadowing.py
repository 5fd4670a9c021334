"""An item is shadowed only by one that brings the very same, to everybody it is for, as easily."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.lint import lint
from catalog.loader import load_catalogue
from catalog.shadowing import shadowed
from tests.catalog.test_lint_and_difference import ON

GRANT = """id: {id}
names: {{zh: 补助, en: Grant}}
category: relief
issuer: 财政局
level: city
benefit_type: grant
benefit: {{zh: {benefit}, en: A grant}}
apply_mode: apply
criteria:
  - id: only
    when: "{when}"
legal_basis: 第10号文件
confidence: high
source: law-text
"""


def pairs(folder: Path) -> set[tuple[str, str]]:
    return {(item.id, other.id) for item, other in shadowed(load_catalogue(folder))}


def grant(sound: Path, id_: str, when: str, benefit: str = "补助一万元", more: str = "") -> None:
    text = GRANT.format(id=id_, when=when, benefit=benefit) + more
    (sound / "support_policies" / f"{id_}.yaml").write_text(text, encoding="utf8")


def test_the_stronger_conditions_are_idle(sound: Path) -> None:
    grant(sound, "a-wide", "staff >= 10")
    grant(sound, "b-narrow", "staff >= 50 AND wage > 3000")
    assert pairs(sound) == {("b-narrow", "a-wide")}
    (found,) = [each for each in lint(load_catalogue(sound), ON) if each.kind == "shadowed"]
    assert (found.id, "`a-wide`" in found.what) == ("b-narrow", True)


def test_of_two_alike_only_the_later_is_told(sound: Path) -> None:
    grant(sound, "b-grant", "staff BETWEEN 10 AND 20")
    grant(sound, "a-grant", "staff >= 10 AND staff <= 20")
    assert pairs(sound) == {("b-grant", "a-grant")}


@pytest.mark.parametrize(
    ("when", "benefit", "more"),
    [
        ("staff >= 5", "补助一万元", ""),
        ("staff >= 50 OR wage > 3000", "补助一万元", ""),
        ("staff >= 50", "补助两万元", ""),
    ],
)
def test_another_benefit_or_other_people_are_not_shadowed(
    when: str, benefit: str, more: str, sound: Path
) -> None:
    grant(sound, "b-narrow", when, benefit, more)
    grant(sound, "a-wide", "staff >= 10")
    assert ("b-narrow", "a-wide") not in pairs(sound)


@pytest.mark.parametrize(
    "more", ['valid_to: "2026-12-31"\n', 'valid_from: "2026-01-01"\n', "evidence: [m-birth-cert]\n"]
)
def test_what_asks_more_or_ends_earlier_shadows_nothing(more: str, sound: Path) -> None:
    grant(sound, "a-wide", "staff >= 10", more=more)
    grant(sound, "b-narrow", "staff >= 50")
    assert pairs(sound) == set()


def test_the_same_stated_sum_is_the_same_benefit(sound: Path) -> None:
    amount = "amount: {value: 1, unit: wan_yuan, source: 第10号文件}\n"
    grant(sound, "a-wide", "staff >= 10", "一万元", amount)
    grant(sound, "b-narrow", "staff >= 50", "一次性一万元", amount)
    assert pairs(sound) == {("b-narrow", "a-wide")}


@pytest.mark.parametrize(("paper", "expected"), [("m-hukou-book", True), ("m-hukou-page", False)])
def test_services_are_alike_by_the_licence_they_yield(paper: str, expected: bool, sound: Path) -> None:
    """A proof (a decision, a receipt) says nothing of what was granted."""
    path = sound / "public_services" / "senior-card.yaml"
    card = yaml.safe_load(path.read_text(encoding="utf8")) | {"outputs": [paper]}
    old = {**card, "id": "old-card", "criteria": [{"id": "age", "when": "age >= 80"}]}
    for sheet in (card, old):
        written = yaml.safe_dump(sheet, allow_unicode=True)
        (sound / "public_services" / f"{sheet['id']}.yaml").write_text(written, encoding="utf8")
    assert (("old-card", "senior-card") in pairs(sound)) is expected
    if expected:  # under another article the same kind of paper grants something else
        other = yaml.safe_dump({**old, "legal_basis": "某法第99条"}, allow_unicode=True)
        (sound / "public_services" / "old-card.yaml").write_text(other, encoding="utf8")
        assert ("old-card", "senior-card") not in pairs(sound)
