"""The security table is whole, and every test that a security document names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SECURITY = (ROOT / "docs/security.md").read_text("utf-8")
THREATS = (ROOT / "docs/threat-model.md").read_text("utf-8")
REQUIREMENTS = (ROOT / "tests/asvs-5.0-level-2.txt").read_text("utf-8").split()
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of each line of a table whose first cell looks like this."""
    lines = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    return [line for line in cells if re.fullmatch(first, line[0])]


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


ASVS = rows(SECURITY, r"V\d+\.\d+\.\d+")
STRIDE = rows(THREATS, r"T\d+")


def test_every_requirement_is_answered_once() -> None:
    assert [row[0] for row in ASVS] == REQUIREMENTS


@pytest.mark.parametrize("row", ASVS, ids=lambda row: row[0])
def test_a_requirement_has_a_test_or_a_reason(row: list[str]) -> None:
    _, asks, answer, test = row
    assert asks
    assert answer
    assert test == "-" or TEST.fullmatch(test), f"{row[0]} names no test: {test}"


@pytest.mark.parametrize("row", STRIDE, ids=lambda row: row[0])
def test_a_threat_has_an_answer_and_a_test(row: list[str]) -> None:
    _, flows, kinds, threat, answer, test = row
    assert re.fullmatch(r"all|F\d+(, F\d+)*", flows)
    assert re.fullmatch(r"[STRIDE](, [STRIDE])*", kinds)
    assert threat
    assert answer
    assert TEST.fullmatch(test), f"{row[0]} names no test: {test}"


def test_every_flow_and_every_letter_of_stride_is_thought_of() -> None:
    assert {flow for row in STRIDE for flow in row[1].split(", ")} >= {f"F{n}" for n in range(1, 13)}
    assert {letter for row in STRIDE for letter in row[2].split(", ")} == set("STRIDE")


@pytest.mark.parametrize(
    "named", sorted(set(TEST.findall(SECURITY + THREATS))), ids=lambda one: one[1] or one[0]
)
def test_every_test_that_is_named_exists(named: tuple[str, str]) -> None:
    path, function = named
    assert (ROOT / path).is_file(), f"{path} is gone; say in the document what takes its place"
    assert not function or function in functions(path), f"{path} has no {function}"


def test_most_requirements_are_tested() -> None:
    tested = sum(row[3] != "-" for row in ASVS)
    assert tested >= len(ASVS) / 2
