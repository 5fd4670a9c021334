"""A minute of mixed load at seven tenths of what the server can do: nobody turned away, nobody kept waiting.

Real processes: PostgreSQL, Valkey, one server, one worker; readers in a process of their own. Readers ask at
even intervals, each at its time whether or not the others have their answers; what is measured begins at
that time, so that a queue shows.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.faults.stage import Stage, open_stage, wall
from benchmarks.faults.town import CITIZENS, name_of
from benchmarks.faults.visitor import CHANNEL, Program, Visitor
from benchmarks.result import Result

MIX: Final = (("homepage", 0.5), ("interaction", 0.3), ("inbox", 0.2))
"""What readers ask for, and how often."""
SHARE: Final = 0.7
AT_ONCE: Final = 8
"""Readers who ask again as soon as they are answered, to find out what the server can do."""
READERS: Final = 16


@dataclass(frozen=True, slots=True)
class Readers:
    """What the readers need to know; plain, for they live in another process."""

    address: str
    cookies: tuple[tuple[str, str], ...]
    """By reader: their id, and the cookies of their session."""
    token: str
    own_tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one stretch: how many a second, how long they took, how many were not answered as they should."""

    per_second: float
    p99: float
    errors: int
    answers: int


def run(quick: bool) -> list[Result]:
    """Idle, then as much as it can, then seven tenths of that."""
    idle, most, minute = (8.0, 8.0, 20.0) if quick else (20.0, 30.0, 60.0)
    with tempfile.TemporaryDirectory(prefix="qm") as folder, open_stage(Path(folder)) as stage:
        stage.server.start(wait=False)
        stage.worker.start()
        stage.server.await_port()
        stage.well()
        readers = _signed_in(stage)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(flat_out, readers, 1, 5.0).result()
            alone = pool.submit(flat_out, readers, 1, idle).result()
            capacity = pool.submit(flat_out, readers, AT_ONCE, most).result()
            rate = SHARE * capacity.per_second
            loaded = pool.submit(at_a_rate, readers, rate, minute).result()
    return [
        Result("errors", loaded.errors, f"of {loaded.answers}"),
        Result("p99_ratio", loaded.p99 / alone.p99, "times the idle p99"),
        Result("p99_ms", loaded.p99 * 1e3, "ms"),
        Result("idle_p99_ms", alone.p99 * 1e3, "ms"),
        Result("capacity", capacity.per_second, "1/s"),
        Result("rate", rate, "1/s"),
        Result("seconds", minute, "s"),
    ]


def flat_out(readers: Readers, at_once: int, seconds: float) -> Measured:
    """So many readers, each asking again as soon as it is answered."""
    return asyncio.run(_flat_out(readers, at_once, seconds))


def at_a_rate(readers: Readers, rate: float, seconds: float) -> Measured:
    """So many requests a second, at even intervals, whatever becomes of those before."""
    return asyncio.run(_at_a_rate(readers, rate, seconds))


async def _flat_out(readers: Readers, at_once: int, seconds: float) -> Measured:
    chance, times, errors = random.Random(1), list[float](), 0  # noqa: S311 - an order, no secret
    async with _client(readers) as client:
        began = time.perf_counter()

        async def one() -> int:
            wrong = 0
            while time.perf_counter() - began < seconds:
                asked = time.perf_counter()
                wrong += not await _ask(client, readers, chance)
                times.append(time.perf_counter() - asked)
            return wrong

        errors = sum(await asyncio.gather(*(one() for _ in range(at_once))))
        took = time.perf_counter() - began
    return _measured(times, errors, took)


async def _at_a_rate(readers: Readers, rate: float, seconds: float) -> Measured:
    chance, times = random.Random(2), list[float]()  # noqa: S311 - an order, no secret
    async with _client(readers) as client:
        began = time.perf_counter()

        async def one(due: float) -> bool:
            good = await _ask(client, readers, chance)
            times.append(time.perf_counter() - due)
            return good

        under_way = []
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.append(asyncio.create_task(one(due)))
        good = await asyncio.gather(*under_way)
        took = time.perf_counter() - began
    return _measured(times, good.count(False), took)


async def _ask(client: httpx.AsyncClient, readers: Readers, chance: random.Random) -> bool:
    """One request of the mix; whether it was answered as it should be."""
    what = chance.choices([kind for kind, _ in MIX], [share for _, share in MIX])[0]
    reader = chance.randrange(len(readers.cookies))
    who, cookies = readers.cookies[reader]
    try:
        if what == "homepage":
            answer = await client.get(f"/citizens/{who}", headers={"Cookie": cookies})
            return answer.status_code == httpx.codes.OK and who in answer.text
        if what == "inbox":
            own = {"Authorization": f"Bearer {readers.own_tokens[reader]}"}
            answer = await client.get(f"/v1/citizens/{who}/reminders", headers=own)
            return answer.status_code == httpx.codes.OK
        sent = _clicked(who, chance)
        channels = {"Authorization": f"Bearer {readers.token}"}
        answer = await client.post("/v1/interactions", json=sent, headers=channels)
        return answer.status_code == httpx.codes.CREATED
    except httpx.HTTPError:
        return False


def _clicked(who: str, chance: random.Random) -> dict[str, Any]:
    client_id = f"load-{chance.getrandbits(80):x}-{time.time_ns()}"
    return {"client_id": client_id, "subject": who, "kind": "view", "at": wall().isoformat()}


def _client(readers: Readers) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=readers.address, timeout=60)


def _measured(times: Sequence[float], errors: int, took: float) -> Measured:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return Measured(len(times) / took, p99, errors, len(times))


def _signed_in(stage: Stage) -> Readers:
    cookies, tokens = [], []
    for n in range(min(READERS, CITIZENS)):
        who = name_of(n)
        with Visitor(stage.settings, who) as visitor:
            held = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.client.cookies.jar)
            cookies.append((who, held))
        tokens.append(_token(stage, f"citizen:{who}"))
    return Readers(stage.settings.address, tuple(cookies), _token(stage, CHANNEL), tuple(tokens))


def _token(stage: Stage, persona: str) -> str:
    program = Program(stage.settings, persona)
    token = program.token()
    program.close()
    return token
