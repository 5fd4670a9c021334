"""What the documents say of code and tests is there; the assessment is of the policy in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from privacy.policy_file import default_policy

ROOT = Path(__file__).resolve().parents[2]
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
ROW = re.compile(r"^\|[^|]*\d[^|]*\|", re.MULTILINE)


def _paths(name: str) -> list[str]:
    return PATH.findall((ROOT / "docs" / name).read_text(encoding="utf8"))


@pytest.mark.parametrize("name", ["privacy.md", "impact-assessment.md"])
def test_every_path_named_exists(name: str) -> None:
    missing = [path for path in _paths(name) if not (ROOT / path).exists()]
    assert _paths(name)
    assert not missing, f"docs/{name} names what is not there: {missing}"


def test_every_article_has_code_and_a_test() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "privacy.md").read_text(encoding="utf8").splitlines()
        if line.startswith("| ") and not line.startswith("| article")
    ]
    assert len(rows) > 25
    for article, _, code, test in rows:
        assert PATH.search(code), f"{article}: name the code"
        assert all(path.startswith("tests/") for path in PATH.findall(test)), f"{article}: name a test"
        assert PATH.search(test), f"{article}: name a test"


def test_the_assessment_is_of_the_policy_in_force() -> None:
    text = (ROOT / "docs" / "impact-assessment.md").read_text(encoding="utf8")
    told = re.search(r"policy version assessed \| (\S+) \|", text)
    assert told is not None
    assert told.group(1) == default_policy().version, "assess the new policy, then write its version here"
