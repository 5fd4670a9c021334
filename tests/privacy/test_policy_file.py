"""A faulty policy file is refused with every fault in it, each on its line."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
from catalog.loader import load_catalogue
from privacy.policy_file import PolicyError, default_policy, load_policy, put_in_force, shipped_policy

FAULTY = """\
version: "1"
attributes:
  - {purpose: sell, sensitivity: ordinary, origin: authority, basis: consent}
  - {purpose: assess, sensitivity: minor, origin: authority, basis: perhaps}
  - {purpose: assess, sensitivity: minor, origin: authority, basis: never}
default_groups:
  authority: everything
  hearsay: rumours
scope_items: {castle: {}}
channels:
  pigeon: {never: [sensitive]}
  sms: {never: [sensitive, boring, silly]}
secrets:
  tax: {names: {zh: 税, en: tax}, attributes: [annual_revenue, moonshine], groups: [moonlight]}
novelty: true
"""


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    written = tmp_path / "policy.yaml"
    written.write_text(FAULTY, encoding="utf8")
    real = load_catalogue(Path(catalog.__file__).parent / "data")
    with pytest.raises(PolicyError) as refused:
        load_policy(written, real)
    told = {(fault.line, word) for fault in refused.value.faults for word in _words(fault.what)}
    expected = {
        (3, "sell"),
        (4, "perhaps"),
        (5, "more"),
        (8, "hearsay"),
        (9, "castle"),
        (11, "pigeon"),
        (12, "boring"),
        (12, "silly"),
        (14, "legal_source"),
        (14, "moonshine"),
        (14, "moonlight"),
        (15, "novelty"),
    }
    assert expected <= told, sorted(expected - told)
    assert all(f"{written}:{line}:" in str(refused.value) for line, _ in expected)


def _words(text: str) -> set[str]:
    return set(text.replace("'", " ").replace("`", " ").replace(".", " ").split()) | _quoted(text)


def _quoted(text: str) -> set[str]:
    return {
        word for word in ("sell", "perhaps", "hearsay", "castle", "pigeon", "boring", "silly") if word in text
    }


def test_the_policy_that_ships_names_only_what_the_catalogue_has() -> None:
    real = load_catalogue(Path(catalog.__file__).parent / "data")
    path = Path(catalog.__file__).parents[1] / "privacy" / "policy.yaml"
    assert load_policy(path, real) == default_policy()


def test_an_operators_policy_is_followed_until_it_is_taken_back(tmp_path: Path) -> None:
    written = tmp_path / "policy.yaml"
    written.write_text('version: "ours"\n', encoding="utf8")
    put_in_force(written)
    try:
        assert default_policy().version == "ours"
    finally:
        put_in_force(None)
    assert default_policy() == shipped_policy()
