"""Only privacy/mask.py makes masked values; whoever holds one holds what a mask let through."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("catalog", "features", "models", "privacy", "records", "serving", "pipelines", "commands")
MASKED = {"MaskedProfile", "MaskedTable", "MaskedRecordTables"}
MAKER = Path("privacy/mask.py")
MODULES = [
    path.relative_to(ROOT)
    for folder in CODE
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.is_file()
]


def _name(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)


def makings(source: str) -> list[int]:
    """Lines that call a masked type, or hand it to something that could (a converter, an alias)."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) not in ("isinstance", "cast"):
            used = [node.func, *node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, ast.Assign) or (isinstance(node, ast.Attribute) and node.attr.startswith("__")):
            used = [node.value]
        else:
            continue
        lines += [node.lineno for part in used if _name(part) in MASKED]
    return lines


@pytest.mark.parametrize("path", [path for path in MODULES if path != MAKER], ids=str)
def test_nobody_else_makes_a_masked_value(path: Path) -> None:
    lines = makings((ROOT / path).read_text(encoding="utf8"))
    assert not lines, f"{path}:{lines}: call privacy.mask instead, or pass on the value you were given"


def test_the_mask_itself_is_seen_making_them() -> None:
    assert len(makings((ROOT / MAKER).read_text(encoding="utf8"))) == len(MASKED)


@pytest.mark.parametrize(
    "source",
    [
        "schema.MaskedProfile(subject)",
        "made = MaskedTable",
        "convert(value, type=MaskedProfile)",
        "MaskedProfile.__new__(MaskedProfile)",
    ],
)
def test_every_way_of_making_one_is_noticed(source: str) -> None:
    assert makings(source)


def test_asking_for_one_is_not_making_one() -> None:
    assert not makings(
        "def judge(profile: MaskedProfile) -> bool:\n    return isinstance(profile, MaskedProfile)"
    )
