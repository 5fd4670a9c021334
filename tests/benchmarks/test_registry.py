"""Benchmarks are found by name, and what they print is what the readers of figures expect."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from inspect import signature

import pytest

from benchmarks.page import page
from benchmarks.registry import find, module_of, names
from benchmarks.report import report
from benchmarks.result import Result

RESULTS = [
    Result("p50_ms", 0.2, "ms", peer="CEL", peer_value=20.0, ratio=100.0),
    Result("rules", 4000.0, "rules"),
]


@pytest.mark.parametrize("name", names())
def test_every_benchmark_can_be_run_quickly_or_in_full(name: str) -> None:
    module = import_module(module_of(name))
    assert list(signature(module.run).parameters) == ["quick"]
    assert module.__doc__ and name in module.__doc__


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(LookupError, match=r"there is no benchmark 'speed'.*eligibility-subject"):
        find("speed")
    asked = [sys.executable, "-m", "benchmarks", "speed"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "eligibility-population" in done.stderr


def test_a_report_is_one_object_of_the_agreed_shape() -> None:
    made = json.loads(json.dumps(report("speed", True, RESULTS)))
    assert set(made) == {"benchmark", "quick", "machine", "versions", "results"}
    assert (made["benchmark"], made["quick"]) == ("speed", True)
    assert made["results"][0] == {
        "name": "p50_ms",
        "value": 0.2,
        "unit": "ms",
        "peer": "CEL",
        "peer_value": 20.0,
        "ratio": 100.0,
    }
    assert made["results"][1]["peer"] is None
    assert made["machine"]["cores"] >= 1 and made["versions"]["polars"]


def test_a_page_has_a_row_for_every_figure_and_says_what_was_not_measured() -> None:
    made = page([report("speed", False, RESULTS), {"benchmark": "depth", "error": "no data"}])
    assert "| p50_ms | 0.2 | ms | CEL | 20 | 100 |" in made
    assert "| rules | 4000 | rules |  |  |  |" in made
    assert "Not measured: no data" in made
