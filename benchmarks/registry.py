"""Which benchmarks there are: one module each, exposing `run(quick: bool) -> list[Result]`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from benchmarks.result import Result

Run = Callable[[bool], list[Result]]

ORDER: Final = (
    "eligibility-population",
    "eligibility-subject",
    "policy-package",
    "import",
    "quality-city",
    "quality-bsk",
    "quality-ml100k",
    "training-scale",
    "privacy",
    "freshness",
    "intake",
    "outbox",
    "faults",
    "load",
    "pages",
    "search",
    "homepage",
    "training-join",
    "materialise",
    "behaviour",
    "city-batch",
)
"""Their names in the order they are reported; a name's module has `_` for `-`."""
MODULES: Final = {"import": "import_"}
"""Where a name is a word of Python's own."""


def module_of(name: str) -> str:
    """The module that measures a benchmark."""
    return f"benchmarks.{MODULES.get(name, name.replace('-', '_'))}"


def names() -> tuple[str, ...]:
    """The benchmarks whose module is there, in order."""
    return tuple(name for name in ORDER if find_spec(module_of(name)) is not None)


def find(name: str) -> Run:
    """The measurement of a benchmark. Raises LookupError for a name that has none."""
    if name not in names():
        raise LookupError(f"there is no benchmark {name!r}; there are {', '.join(names())}, or all")
    run: Run = import_module(module_of(name)).run
    return run
