"""Log lines: JSON of a closed set of fields; planted values are searched for in all of them, under load."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from records.database import writing
from records.tables import identity
from serving.app import create_app
from serving.logging_lines import FIELDS, configure_logging
from serving.server import server_config
from serving.settings import ServingSettings
from tests.serving.signing_in import SignedInClient, sign_in

PLANTED = "zz-planted-9431"
"""Stands in every place a request or a row could carry something personal."""


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the whole process logs while the test runs; everything is put back afterwards."""
    root = logging.getLogger()
    before = {name: (one.handlers[:], one.propagate) for name, one in _loggers().items()}
    handlers, level = root.handlers[:], root.level
    access = logging.getLogger("uvicorn.access")
    stream = io.StringIO()
    # A server that another test ran in this process may have left them captured, into its own stream.
    logging.captureWarnings(False)
    configure_logging("debug", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], access.disabled = handlers, False
    root.setLevel(level)
    for name, (kept, propagate) in before.items():
        _loggers()[name].handlers[:], _loggers()[name].propagate = kept, propagate


def _loggers() -> dict[str, logging.Logger]:
    known = logging.getLogger().manager.loggerDict
    return {name: one for name, one in known.items() if isinstance(one, logging.Logger)}


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_own_messages_are_written_and_a_librarys_are_not(written: io.StringIO) -> None:
    logging.getLogger("qianmian.serving").warning("models refused: %d", 2)
    logging.getLogger("sqlalchemy.engine").error("SELECT %s", PLANTED)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(PLANTED, UserWarning, stacklevel=1)
    said = lines(written)
    assert said[0]["event"] == "models refused: 2"
    assert [line["logger"] for line in said] == ["qianmian.serving", "sqlalchemy.engine", "py.warnings"]
    assert PLANTED not in written.getvalue()


def test_a_handler_of_a_librarys_own_writes_nothing_either() -> None:
    library = logging.getLogger("some.library")
    before = logging.getLogger().handlers[:]
    aside = io.StringIO()
    library.addHandler(logging.StreamHandler(aside))
    library.propagate = False
    ours = io.StringIO()
    try:
        configure_logging("debug", ours)
        library.error("SELECT %s", PLANTED)
    finally:
        logging.captureWarnings(False)
        logging.getLogger().handlers[:] = before
    assert [line["logger"] for line in lines(ours)] == ["some.library"]
    assert PLANTED not in aside.getvalue() + ours.getvalue()


def test_an_exception_is_its_kind_and_place_never_its_message(written: io.StringIO) -> None:
    for name in ("qianmian.serving", "uvicorn.error"):
        try:
            raise OperationalError(f"select '{PLANTED}'", {"id": PLANTED}, ValueError(PLANTED))
        except OperationalError:
            logging.getLogger(name).exception("failed")
    said = lines(written)
    assert [line["error"] for line in said] == ["OperationalError"] * 2
    assert all("test_log_lines.py" in line["where"] or line["where"] for line in said)
    assert PLANTED not in written.getvalue()


def test_fields_outside_the_closed_set_are_dropped_and_counted(written: io.StringIO) -> None:
    logging.getLogger("qianmian.request").info(
        "x", extra={"status": 200, "subject": PLANTED, "path": PLANTED}
    )
    (line,) = lines(written)
    assert line["status"] == 200
    assert set(line) <= FIELDS
    assert PLANTED not in written.getvalue()


def test_a_line_break_in_a_message_makes_no_second_line(written: io.StringIO) -> None:
    logging.getLogger("qianmian.request").info('one\n{"event": "forged"}')
    assert len(lines(written)) == 1


@pytest.fixture
def served(own_town: ServingSettings, written: io.StringIO) -> Iterator[ServingSettings]:
    """A real server, with planted values in its rows."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = own_town.model_copy(update={"port": port})
    app = create_app(settings)
    server = uvicorn.Server(server_config(app, settings))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    _plant(app.state.parts.engine)
    yield settings
    server.should_exit = True
    thread.join()


def _plant(engine: Any) -> None:
    """Put the value into every text column that takes it, of a subject everybody asks about."""
    with writing(engine) as connection:
        for table in ("scope_item", "consultation", "interaction"):
            columns = connection.execute(text(f"pragma table_info({table})")).all()
            for column in [c[1] for c in columns if c[2].upper() in {"VARCHAR", "TEXT"} and not c[5]]:
                if column in {"label", "query", "slate", "topic", "place", "channel"}:
                    connection.execute(text(f"update {table} set {column} = '{PLANTED}'"))  # noqa: S608
        connection.execute(
            identity.insert().values(
                subject="c-li",
                scheme=PLANTED,
                digest=PLANTED.encode(),
                ciphertext=PLANTED.encode(),
                key_version=1,
                recorded_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
            )
        )


PATHS = (
    "/citizens/c-li",
    f"/citizens/{PLANTED}",
    f"/citizens/c-li/items?theme={PLANTED}",
    f"/v1/citizens/{PLANTED}/homepage?q={PLANTED}",
    "/v1/citizens/c-li/homepage",
    f"/{PLANTED}",
    f"/static/{PLANTED}.css",
    f"/login?next=/{PLANTED}",
    f"/public-services/{PLANTED}?subject={PLANTED}",
)


def _ask(address: str, session: str, number: int) -> int:
    headers = {
        "User-Agent": PLANTED,
        "Referer": f"{address}/{PLANTED}",
        "Cookie": f"qianmian_session={session if number % 2 else PLANTED}; {PLANTED}={PLANTED}",
        "X-Forwarded-For": PLANTED,
        "Accept-Language": PLANTED,
        PLANTED: PLANTED,
    }
    if number % 5 == 0:
        headers["Authorization"] = f"Bearer {PLANTED}"
    with httpx.Client(base_url=address, timeout=60) as client:
        if number % 4 == 0:
            body = {"client_id": PLANTED, "subject": PLANTED, "kind": PLANTED, "at": PLANTED}
            return client.post("/v1/interactions", json=body, headers=headers).status_code
        method = "GET" if number % 7 else PLANTED.upper()
        return client.request(method, PATHS[number % len(PATHS)], headers=headers).status_code


@pytest.mark.slow
def test_no_line_holds_anything_personal_while_many_ask_at_once(
    served: ServingSettings, written: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    address = f"http://127.0.0.1:{served.port}"
    with httpx.Client(base_url=address, timeout=60) as client:
        session = sign_in(client, "citizen:c-li")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: _ask(address, session, n), range(96)))
    assert {status // 100 for status in statuses} >= {2, 4}
    said = [line for line in lines(written) if line["logger"] == "qianmian.request"]
    assert len(said) >= 80, "a method that is no method is refused before anything is logged of it"
    assert all(set(line) <= FIELDS for line in lines(written))
    assert {line["route"] for line in said} >= {"/citizens/{id}", "/v1/citizens/{id}/homepage", "none"}
    out, err = capfd.readouterr()
    for sink in (written.getvalue(), out, err, *_files(served.home, "*.log", "*.jsonl")):
        assert PLANTED.lower() not in sink.lower()
        assert "c-li" not in sink, "who was asked about stays out of the log"


def _files(home: Path, *patterns: str) -> Iterator[str]:
    for pattern in patterns:
        for path in home.rglob(pattern):
            yield path.read_text("utf-8", errors="replace")


def test_a_request_can_be_asked_about_by_its_number(own_town: ServingSettings, written: io.StringIO) -> None:
    with SignedInClient(create_app(own_town), base_url="http://127.0.0.1:8000") as client:
        answer = client.get("/citizens/c-li", headers={"Request-Id": PLANTED})
    number = answer.headers["request-id"]
    assert len(number) == 16
    (line,) = [line for line in lines(written) if line.get("request") == number]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/citizens/{id}", 200)
    assert line["role"] == "citizen"
