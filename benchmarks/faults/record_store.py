# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 16 and 22: the records' disk full, and their database killed, locked and read-only."""

from __future__ import annotations

import resource
import threading
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import select, text

from benchmarks.faults.online_store import entries, usually
from benchmarks.faults.processes import until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage
from benchmarks.faults.town import name_of
from benchmarks.faults.visitor import Program, Timed, Visitor
from records.database import engine_for, reading
from records.tables import consent

FOR_ALL: Final = "个人信息库暂时连不上"
"""Of the banner's words on the page that stands in for a homepage."""
READ_ONLY: Final = "不能保存"
THEME: Final = "ordinary"


def withdraw(program: Program, who: str, purpose: str = "rank") -> httpx.Response:
    """Take a consent back, as its subject."""
    body = {"purpose": purpose, "theme": THEME, "granted": False}
    return program.ask("PUT", f"/v1/citizens/{who}/privacy/consents", json=body)


def is_given(url: str, who: str, purpose: str = "rank") -> bool:
    """Whether the records hold a yes."""
    engine = engine_for(url)
    with reading(engine) as connection:
        open_rows = select(consent.c.target).where(
            consent.c.subject == who, consent.c.purpose == purpose, consent.c.withdrawn_at.is_(None)
        )
        found = set(connection.execute(open_rows).scalars())
    engine.dispose()
    return f"attributes:{THEME}" in found


def refused_clearly(answer: httpx.Response, code: str) -> None:
    """Not done, said so, and when to try again."""
    assert answer.status_code == 503, f"{answer.status_code}: {answer.text[:200]}"
    assert answer.headers.get("retry-after"), "it is not said when to try again"
    assert answer.json()["type"].endswith(code), answer.text


@fault(16, "Disk full", "the file size limit of a server on SQLite lowered to what its files have (prlimit)")
def disk_full(stage: Stage, quick: bool) -> None:
    """Pages are shown; a withdrawal is refused clearly and kept once there is room; nothing is half done."""
    settings, server = stage.spare.settings, stage.spare.server
    server.await_port()
    who, program = name_of(1), Program(settings, f"citizen:{name_of(1)}")
    try:
        with Visitor(settings, who) as visitor:
            usual = usually(visitor)
            assert program.ask("GET", f"/v1/citizens/{who}/homepage").status_code == 200
            _fill(server.pid, settings.home)
            answer = withdraw(program, who)
            refused_clearly(answer, "records-full")
            assert is_given(settings.records_url, who), "it was refused and done all the same"
            page = visitor.homepage()
            assert page.status == 200 and READ_ONLY in page.text and entries(page) == usual
            assert "records_full" in program.troubles()
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (-1, -1))
            until(lambda: "records_full" not in program.troubles(), "recovery once there is room", 30)
            assert withdraw(program, who).status_code == 200
            assert not is_given(settings.records_url, who), "an acknowledged withdrawal was lost"
            assert READ_ONLY not in visitor.homepage().text
    finally:
        program.close()
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (-1, -1))


def _fill(pid: int, home: Path) -> None:
    """No file may grow from here on: not the records, nor their log."""
    # Whatever the log of changes has room for inside itself is used up by what is in it already.
    engine = engine_for(f"sqlite:///{home / 'records.db'}")
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "PRAGMA wal_checkpoint(TRUNCATE)"
        )
    engine.dispose()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (512, -1))


@fault(22, "DB failover / lock", "the database killed, its tables locked, then set read-only")
def database(stage: Stage, quick: bool) -> None:
    """A page for all while it is away, an own page at once when it is back; nothing half acknowledged."""
    who = name_of(11)
    with Visitor(stage.settings, who) as visitor:
        usual = usually(visitor)
        _away(stage, visitor, usual)
        _locked(stage, visitor)
        _read_only(stage, visitor, usual)


def _away(stage: Stage, visitor: Visitor, usual: set[str]) -> None:
    stage.crash_database()
    try:
        pages = [visitor.homepage() for _ in range(5)]
        assert all(page.status == 200 and FOR_ALL in page.text for page in pages), [
            (page.status, FOR_ALL in page.text) for page in pages
        ]
        assert all(visitor.subject not in page.text for page in pages), "the page for all names somebody"
        answer = stage.program.client.post("/v1/interactions", json={}, headers={"Authorization": "Bearer x"})
        assert answer.status_code in (401, 503), answer.status_code
        assert stage.program.client.get("/ready").status_code == 503
    finally:
        stage.restart_database()
    until(lambda: entries(visitor.homepage()) == usual, "the own page after the restart", 60)
    stage.well()
    # A failover while pages are asked for: each is asked once more before anybody notices.
    stage.crash_database()
    stage.restart_database()
    page = visitor.homepage()
    assert page.status == 200 and entries(page) == usual, "the first page after a failover is not one's own"


def _locked(stage: Stage, visitor: Visitor) -> None:
    held = threading.Event()
    pages: list[Timed] = []

    def ask() -> None:
        pages.append(visitor.homepage())
        held.set()

    with stage.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE consent IN ACCESS EXCLUSIVE MODE"))
        asking = threading.Thread(target=ask)
        asking.start()
        held.wait(25)
    asking.join(30)
    assert pages and pages[0].status == 200, f"no page under a lock: {pages}"
    assert pages[0].seconds < 15, f"a page waited {pages[0].seconds:.0f} s for a lock"
    assert FOR_ALL in pages[0].text
    stage.well()


def _read_only(stage: Stage, visitor: Visitor, usual: set[str]) -> None:
    program = Program(stage.settings, f"citizen:{visitor.subject}")
    assert program.ask("GET", f"/v1/citizens/{visitor.subject}/homepage").status_code == 200
    _set_read_only(stage, True)
    try:
        until(lambda: "records_read_only" in stage.program.troubles(), "the alarm of read-only records", 20)
        page = visitor.homepage()
        assert page.status == 200 and entries(page) == usual and READ_ONLY in page.text
        refused_clearly(withdraw(program, visitor.subject), "records-read-only")
        assert is_given(stage.settings.records_url, visitor.subject)
    finally:
        _set_read_only(stage, False)
    stage.well()
    assert withdraw(program, visitor.subject).status_code == 200
    assert not is_given(stage.settings.records_url, visitor.subject)
    program.close()


def _set_read_only(stage: Stage, on: bool) -> None:
    """As after a failover to a replica: for everybody, at once."""
    stage.postgresql.psql(
        f"alter database faults set default_transaction_read_only = {'on' if on else 'off'}"
    )
    stage.postgresql.psql("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'faults'")
    stage.engine.dispose()
