# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Fault 24: twenty times as many requests at once as the server works on."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

import httpx

from benchmarks.faults.online_store import entries
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage
from benchmarks.faults.town import CITIZENS, name_of
from benchmarks.faults.visitor import Program, Visitor
from serving.reader import MODE_COOKIE
from serving.shedding import Room

FOR_ALL: Final = "现在访问的人很多"
SPIKE: Final = 20


@fault(
    24, "Load spike x20", "twenty times as many readers at once as are worked on, for homepages and the API"
)
def rush(stage: Stage, quick: bool) -> None:
    """Own pages are shed before the page for all, those in elder mode last; programs are told 429 and when.

    No 5xx, and well afterwards.
    """
    cookies = []
    for n in range(min(8, CITIZENS)):
        with Visitor(stage.settings, name_of(n)) as visitor:
            cookies.append((visitor.path, dict(visitor.client.cookies)))
    program = Program(stage.settings, f"citizen:{name_of(1)}")
    assert program.ask("GET", f"/v1/citizens/{name_of(1)}/homepage").status_code == 200
    token = program.token()
    seen = asyncio.run(_rush(stage, cookies, token, 1 if quick else 4))
    wrong = {status for status, *_ in seen} - {"200", "429"}
    assert not wrong, f"statuses {wrong}"
    counts = Counter(seen)
    assert counts["200", "page", "for all"], f"no page for all was shown: {counts}"
    assert counts["200", "page", "own"], f"nobody had their own page: {counts}"
    assert counts["429", "api", "retry"], f"no program was told to wait: {counts}"
    assert not counts["429", "page", ""] + counts["429", "elder", ""], "a reader was turned away with nothing"
    assert _own_share(counts, "elder") > _own_share(counts, "page"), f"no place was kept for elders: {counts}"
    assert not counts["429", "api", ""], "429 without Retry-After"
    assert "429" not in {status for status, kind, _ in seen if kind == "basic"}, "basic pages were shed first"
    with Visitor(stage.settings, name_of(1)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and entries(page) and FOR_ALL not in page.text
    program.close()


def _own_share(counts: Counter[tuple[str, str, str]], kind: str) -> float:
    """How many of the readers had their own page."""
    asked = sum(count for (_, which, _), count in counts.items() if which == kind)
    return counts["200", kind, "own"] / asked


async def _rush(
    stage: Stage, cookies: list[tuple[str, dict[str, str]]], token: str, rounds: int
) -> list[tuple[str, str, str]]:
    limits = httpx.Limits(max_connections=SPIKE * Room().dear)
    async with httpx.AsyncClient(base_url=stage.settings.address, timeout=60, limits=limits) as client:
        asked = []
        for n in range(rounds * SPIKE * Room().dear // 2):
            path, mine = cookies[n % len(cookies)]
            header = "; ".join(f"{name}={value}" for name, value in mine.items())
            asked.append(_ask(client, "page", path, {"Cookie": header}))
            if n % 8 == 0:
                elder = {"Cookie": f"{header}; {MODE_COOKIE}=elder"}
                asked.append(_ask(client, "elder", path, elder))
            if n % 4 == 0:
                whose = f"/v1/citizens/{name_of(1)}/homepage"
                asked.append(_ask(client, "api", whose, {"Authorization": f"Bearer {token}"}))
            if n % 16 == 0:
                asked.append(_ask(client, "basic", "/about/recommendation", {}))
        return list(await asyncio.gather(*asked))


async def _ask(
    client: httpx.AsyncClient, kind: str, path: str, headers: dict[str, str]
) -> tuple[str, str, str]:
    answer = await client.get(path, headers=headers)
    told = ""
    if answer.status_code == 429 and answer.headers.get("retry-after"):
        told = "retry"
    elif kind in ("page", "elder") and answer.status_code == 200:
        told = "for all" if FOR_ALL in answer.text else "own"
    return str(answer.status_code), kind, told
