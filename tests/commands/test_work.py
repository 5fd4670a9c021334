"""`qianmian work`, `serve` with its worker, and `dead-letter`, as real processes, stopped and killed."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from commands.main import app
from records.arrivals import Came, arrivals_of, note_arrivals, waiting
from records.database import engine_for, reading, writing
from records.dead_letters import bury, dead_letters
from tests.serving.town import build_town

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_town(tmp_path_factory.mktemp("town")).home


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    engine = engine_for(f"sqlite:///{home / 'records.db'}")
    yield engine
    engine.dispose()


def started(home: Path, *words: str) -> subprocess.Popen[bytes]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {**os.environ, "QIANMIAN_HOME": str(home), "QIANMIAN_TODAY": "2026-11-21", "QIANMIAN_PORT": port}
    with (home / "log").open("ab") as log:
        command = [sys.executable, "-m", "commands.main", *words]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)


def settled(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while not holds():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


def came(engine: Engine, count: int = 1) -> None:
    with writing(engine) as connection:
        note_arrivals(connection, [Came("c-li", "consent")] * count)


def left(engine: Engine) -> int:
    with reading(engine) as connection:
        return waiting(connection)[0]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("work",), ("serve",)])
def test_what_came_is_acted_on_and_a_stop_is_clean(home: Path, engine: Engine, words: tuple[str]) -> None:
    came(engine)
    process = started(home, *words)
    try:
        settled(lambda: left(engine) == 0, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, 128 + signal.SIGTERM)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_worker_that_is_killed_leaves_all_to_the_next(home: Path, engine: Engine) -> None:
    came(engine, 3)
    process = started(home, "work")
    settled(lambda: left(engine) == 0, process)
    came(engine, 3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    came(engine)
    process = started(home, "work", "--once")
    assert process.wait(120) == 0
    assert left(engine) == 0


def test_dead_letters_are_listed_and_replayed_once(
    home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(engine)
    with writing(engine) as connection:
        given_up = arrivals_of(connection, ["c-li"])["c-li"]
        bury(connection, given_up, "KeyError in models.standing.windows, line 88", dt.datetime.now(dt.UTC))
    monkeypatch.setenv("QIANMIAN_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    shown = runner.invoke(app, ["dead-letter", "list"])
    assert shown.exit_code == 0, shown.output
    assert "KeyError" in shown.output
    assert "c-li" not in shown.output
    for back in ("1 dead letter", "0 dead letter"):
        replayed = runner.invoke(app, ["dead-letter", "replay"])
        assert back in replayed.output
    with reading(engine) as connection:
        assert dead_letters(connection) == ()
        assert waiting(connection)[0] == 1
