"""One process at a time, and nobody kept out by one that is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.alone import alone

TAKE = """
import sys
from pathlib import Path
from pipelines.alone import alone
with alone(Path(sys.argv[1]), RuntimeError("another")):
    print("in", flush=True)
    sys.stdin.read()
"""


class Taken(RuntimeError):
    """Another is in."""


def test_a_second_process_is_kept_out_until_the_first_ends_however_it_ends(tmp_path: Path) -> None:
    lock = tmp_path / "made" / "when" / "needed.lock"
    command = [sys.executable, "-c", TAKE, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(Taken, match="at work"), alone(lock, Taken("at work")):
            pytest.fail("both were in")
        other.kill()
    with alone(lock, Taken("at work")):
        assert lock.exists()


def test_what_goes_wrong_within_is_told_as_it_is_and_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    with pytest.raises(BlockingIOError), alone(lock, Taken("at work")):
        raise BlockingIOError
    with alone(lock, Taken("at work")):
        pass
