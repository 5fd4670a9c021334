"""Every place where the product masks, and the product as it would be without the mask in one of them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from catalog.vocabulary import Origin, Sensitivity
from privacy.purposes import PURPOSES, AttributeRule, Basis, InteractionRule, Policy

ROOT: Final = Path(__file__).resolve().parents[2]
CODE: Final = ("records", "serving", "pipelines", "commands")
MASKS: Final = frozenset({"mask", "mask_table", "mask_records", "mask_matters"})
FREELY: Final = tuple(InteractionRule(purpose=purpose, basis=Basis.STATUTORY_DUTY) for purpose in PURPOSES)
EVERYTHING: Final = Policy(
    version="everything",
    attributes=tuple(
        AttributeRule(purpose=purpose, sensitivity=sensitivity, origin=origin, basis=Basis.STATUTORY_DUTY)
        for purpose in PURPOSES
        for sensitivity in Sensitivity
        for origin in Origin
    ),
    interactions=FREELY,
    consultations=FREELY,
    ratings=FREELY,
)
"""A policy that hides nothing from anybody."""


@dataclass(frozen=True, order=True)
class CallSite:
    """One call of a mask."""

    module: str
    function: str
    first_line: int
    last_line: int
    asks: str
    """The call as written, by which it is told from others of its module."""

    @property
    def name(self) -> str:
        """Where it is and what it asks, whatever its line."""
        return f"{self.module}: {self.asks}"


def call_sites() -> tuple[CallSite, ...]:
    """Every call of a mask above the layer of privacy."""
    return tuple(
        sorted(site for folder in CODE for path in (ROOT / folder).rglob("*.py") for site in _sites(path))
    )


def _sites(path: Path) -> Iterator[CallSite]:
    tree = ast.parse(path.read_text(encoding="utf8"))
    taken = {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "privacy.mask"
        for name in node.names
    }
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if taken.get(node.func.id) in MASKS:
            last = node.end_lineno or node.lineno
            yield CallSite(module, node.func.id, node.lineno, last, ast.unparse(node))


@contextmanager
def without_mask(site: CallSite) -> Iterator[list[int]]:
    """The product with the mask of one call taken out; the list grows by one each time it is passed."""
    module: Any = import_module(site.module)
    masked, passed = getattr(module, site.function), list[int]()

    def opened(*given: Any, policy: Any = None) -> Any:
        line = sys._getframe(1).f_lineno
        if site.first_line <= line <= site.last_line:
            passed.append(line)
            policy = EVERYTHING
        return masked(*given, policy=policy)

    setattr(module, site.function, opened)
    try:
        yield passed
    finally:
        setattr(module, site.function, masked)
