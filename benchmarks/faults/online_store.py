# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 1 to 4: the online store away, slow, emptied, and refusing writes."""

from __future__ import annotations

import re
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import redis
from sqlalchemy import select

from benchmarks.faults.processes import until
from benchmarks.faults.pushes import mailed_to, message, reachable, tell_one
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import name_of
from benchmarks.faults.visitor import Timed, Visitor
from records.database import reading, writing
from records.tables import outbox
from records.telling import tell

AWAY: Final = "最近一次保存的信息"
"""Of the banner's words, while pages are made of what was last known."""
LONGEST: Final = 0.8
"""Seconds a page may take at the 99th percentile, on a machine that is otherwise idle."""


def entries(page: Timed) -> set[str]:
    """What a homepage offers: the addresses of its items. Their order changes as they are seen."""
    return set(re.findall(r'href="(/(?:public-services|support-policies)/[^"?#]+)', page.text))


def usually(visitor: Visitor) -> set[str]:
    """What the homepage offers on a day like any other; what is asked unbidden is asked the first time."""
    visitor.homepage()
    return entries(visitor.homepage())


def p99(pages: list[Timed]) -> float:
    """The 99th percentile of their times, in seconds."""
    times = sorted(page.seconds for page in pages)
    return times[min(len(times) - 1, int(0.99 * len(times)))]


def pace(visitor: Visitor) -> float:
    """What a page takes at most on this machine at this moment, with everything well."""
    return max(visitor.homepage().seconds for _ in range(10))


def hold_good(pages: list[Timed], usual: set[str], slowest: float) -> None:
    """Every page is there, says what is amiss, and offers what it offered before."""
    assert all(page.status == 200 for page in pages), f"statuses {sorted({page.status for page in pages})}"
    assert all(AWAY in page.text for page in pages), "a page does not say what is amiss"
    other = [entries(page) ^ usual for page in pages if entries(page) != usual]
    assert not other, f"{len(other)} of {len(pages)} pages offer something else than before: {other[0]}"
    # Where others keep the machine busy, what the fault costs is told by what a page costs without it.
    bound = max(LONGEST, 3 * slowest)
    assert p99(pages) < bound, f"p99 was {p99(pages):.2f} s, of {bound:.2f} s"


def state_of(stage: Stage, subject: str) -> str:
    """The state of a subject's one push."""
    with reading(stage.engine) as connection:
        return str(connection.execute(select(outbox.c.state).where(outbox.c.subject == subject)).scalar_one())


def until_sent(stage: Stage, subject: str, within: float = 60) -> None:
    """Wait for a subject's push to be delivered."""
    until(lambda: state_of(stage, subject) == "sent", "the delivery of what waited", within)


@fault(1, "Redis down", "valkey-server killed (SIGKILL), its port refusing")
def down(stage: Stage, quick: bool) -> None:
    """Pages from what was last known; pushes wait in the database."""
    reachable(stage, ["p-down"])
    with Visitor(stage.settings, name_of(1)) as visitor:
        usual = usually(visitor)
        assert usual, "the page offers nothing to begin with"
        slowest = pace(visitor)
        stage.valkey.kill()
        first = [visitor.homepage() for _ in range(3)]
        breaker = stage.program.metric("qianmian_online_store_breaker")
        assert breaker in (1.0, 2.0), f"the breaker is not open after three failures: {breaker}"
        hold_good([*first, *(visitor.homepage() for _ in range(20 if quick else 100))], usual, slowest)
        assert "online_store_away" in stage.program.troubles()
        assert stage.program.metric("qianmian_pushing_allowed") == 0
        tell_one(stage, "p-down", "email")
        time.sleep(2 if quick else 5)
        assert state_of(stage, "p-down") == "pending", "something was pushed while nobody could count"


@fault(3, "Redis restarted empty", "the same server started again with nothing on disk")
def emptied(stage: Stage, quick: bool) -> None:
    """Detected by the epoch, refilled without hands; no page takes what was forgotten for unknown."""
    reachable(stage, ["p-empty"])
    if stage.valkey.alive:
        stage.valkey.kill()
    tell_one(stage, "p-empty", "email")
    with Visitor(stage.settings, name_of(1)) as visitor:
        usual = usually(visitor)
        stage.valkey.start()
        seen = []
        began = time.monotonic()
        while time.monotonic() - began < (3 if quick else 20):
            page = visitor.homepage()
            assert page.status == 200 and entries(page) == usual, "a page lost what the store forgot"
            seen.append(AWAY in page.text)
        assert seen[0], "the first page after the restart does not say that it is of what was last known"
        stage.well()
        assert entries(visitor.homepage()) == usual
    assert stage.redis.dbsize() > 1, "the store was not refilled"
    until_sent(stage, "p-empty")
    stage.redis.flushall()
    with Visitor(stage.settings, name_of(2)) as visitor:
        assert AWAY in visitor.homepage().text, "a flushed store was believed"
    stage.well()
    with writing(stage.engine) as connection:
        again = tell(connection, [message("p-empty", "one", "email")], wall())
    assert again.pushes == 0 and mailed_to(stage, "p-empty@example.cn") == 1, (
        "told twice by a store that forgot"
    )


@fault(2, "Redis slow", "2 s of delay on the way to it (our TCP proxy), then it stands still for 2 s itself")
def slow(stage: Stage, quick: bool) -> None:
    """Waited for 50 ms at most, no threads pile up, and it is trusted again by one try."""
    with Visitor(stage.settings, name_of(3)) as visitor:
        usual = usually(visitor)
        slowest, before = 4 * pace(visitor), _threads(stage.server.pid)
        stage.proxy.turn("slow")
        try:
            with ThreadPoolExecutor(4) as pool:
                pages = list(pool.map(lambda _: visitor.homepage(), range(40 if quick else 200)))
            hold_good(pages, usual, slowest)
            grown = _threads(stage.server.pid) - before
            assert grown <= 40, f"{grown} more threads"
        finally:
            stage.proxy.turn("open")
        stage.well()
        _stalled(stage, visitor, usual, slowest)
        stage.well()
        assert stage.program.metric("qianmian_online_store_breaker") == 0
        assert AWAY not in visitor.homepage().text


def _stalled(stage: Stage, visitor: Visitor, usual: set[str], slowest: float) -> None:
    """As while it forks to save: it accepts connections and answers nobody."""
    standing = threading.Thread(target=lambda: stage.redis.execute_command("DEBUG", "SLEEP", "2"))
    standing.start()
    time.sleep(0.1)
    hold_good([visitor.homepage()], usual, slowest)
    standing.join()


@fault(4, "Redis disk full / MISCONF", "its folder removed and a save forced: writes refused, reads answered")
def unwritable(stage: Stage, quick: bool) -> None:
    """Reads go on; what must be counted before it is sent waits; what is handed in is kept all the same."""
    reachable(stage, ["p-misconf"])
    folder = Path(str(stage.redis.config_get("dir")["dir"]))
    stage.redis.config_set("save", "3600 1")
    shutil.rmtree(folder)
    try:
        _save(stage.redis)
        try:
            stage.redis.set("trial", "1")
            raise AssertionError("the store takes writes: the fault is not injected")
        except redis.ResponseError as refused:
            assert "MISCONF" in str(refused), refused
        with Visitor(stage.settings, name_of(4)) as visitor:
            page = visitor.homepage()
        assert page.status == 200 and entries(page) and AWAY not in page.text
        answer = stage.program.ask("POST", "/v1/interactions", json=_clicked("misconf"))
        assert answer.status_code == 201, answer.text
        tell_one(stage, "p-misconf", "email")
        time.sleep(2 if quick else 5)
        assert state_of(stage, "p-misconf") == "pending", "pushed although nothing could be counted"
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        _save(stage.redis)
        stage.redis.config_set("save", "")
    until_sent(stage, "p-misconf")


def _save(client: Any) -> None:
    """Save in the background and wait for how it ended."""
    client.bgsave()
    until(lambda: client.info("persistence")["rdb_bgsave_in_progress"] == 0, "the end of a save", 20)


def _clicked(name: str) -> dict[str, Any]:
    return {
        "client_id": f"one-{name}",
        "subject": name_of(4),
        "kind": "click",
        "at": wall().isoformat(),
        "channel": "online",
    }


def _threads(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"Threads:\s+(\d+)", status)
    if found is None:
        raise ValueError(f"the system does not say how many threads process {pid} has")
    return int(found[1])
