"""A part of the benchmark of faults: real processes on loopback, each held to what must be."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from benchmarks.faults import ORDER
from benchmarks.faults.register import FAULTS, TOTAL
from benchmarks.faults.trial import try_all

HERE = (5, 11, 13, 26, 27, 18, 25, 2, 4, 1, 3, 24, 22, 9)
"""Those that need running processes and are over in seconds; 1 leaves Redis down for 3."""


def test_every_fault_of_the_plan_is_tried_once() -> None:
    assert sorted(FAULTS) == sorted(ORDER) == list(range(1, TOTAL + 1))


@pytest.mark.slow
def test_what_must_hold_under_a_fault_holds() -> None:
    """On one stage, in order, and in a short path, because a socket's may not be long."""
    with tempfile.TemporaryDirectory(prefix="qm") as folder:
        held = try_all(Path(folder), True, HERE)
    assert tuple(held) == HERE, "what did not hold is told on standard error"
