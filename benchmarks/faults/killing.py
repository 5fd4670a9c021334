# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Server, worker and deliverer killed at random while interactions come in and reminders go out."""

from __future__ import annotations

import datetime as dt
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from benchmarks.faults.processes import Child, until
from benchmarks.faults.pushes import (
    CHANNELS,
    applied,
    handed_over,
    mailed,
    message,
    printed,
    pushed_keys,
    reachable,
)
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import CITIZENS, name_of
from benchmarks.faults.visitor import Program
from records.database import reading, writing
from records.inbox import Message
from records.pushes import push_key
from records.tables import arrival, dead_letter, interaction, outbox
from records.telling import tell, untell

BATCH: Final = 100
A_SUBJECT: Final = 40
"""Reminders each subject is told, of the 50 a day that may go out."""
WRONG_SHARE: Final = 50
"""One in so many reminders is taken back, and one expires, before anything goes out."""
FIRST_SECONDS: Final = 3.0
BETWEEN, QUICK_BETWEEN = (2.0, 9.0), (0.5, 2.0)
"""Seconds from one kill to the next."""
FEW: Final = 10
"""So few kills are to be quick."""
DRAINED_WITHIN: Final = 900.0


@dataclass
class Killing:
    """What came of it."""

    kills: int = 0
    deliverer_kills: int = 0
    interactions: int = 0
    reminders: int = 0
    lost_interactions: int = 0
    lost_reminders: int = 0
    wrong_reminders: int = 0
    duplicates_applied: int = 0
    email_repeats: int = 0
    handed_over_again: int = 0
    """Short messages handed over more than once; the receiver applied each once."""
    server_errors: int = 0
    seconds: float = 0.0
    by_process: Counter[str] = field(default_factory=Counter)


@dataclass
class _Told:
    good: set[str] = field(default_factory=set)
    """Keys of pushes that must arrive."""
    wrong: set[str] = field(default_factory=set)
    """Keys of pushes that must not."""


def killing(stage: Stage, things: int, kills: int, seed: int = 1) -> Killing:
    """Hand in so many interactions and tell so many reminders while our processes are killed so often."""
    found, began, chance = Killing(), time.monotonic(), random.Random(seed)  # noqa: S311 - moments
    wrong_told = _wrong_ones(stage, max(10, things // WRONG_SHARE))
    acknowledged: list[str] = []
    told = _Told(wrong=wrong_told)
    work = [
        threading.Thread(target=_hand_in, args=(stage, things, acknowledged, found)),
        threading.Thread(target=_tell, args=(stage, things, told)),
    ]
    for thread in work:
        thread.start()
    time.sleep(FIRST_SECONDS)
    _kill_at_random(stage, kills, chance, found)
    for thread in work:
        thread.join()
    for child in (stage.server, stage.worker, stage.deliverer):
        if not child.alive:
            child.start()
    until(lambda: not _unfinished(stage), "the end of what waits", DRAINED_WITHIN, 0.5)
    _judge(stage, acknowledged, told, found)
    found.seconds = time.monotonic() - began
    sys.stderr.write(f"killed: {found}\n")
    return found


def _wrong_ones(stage: Stage, number: int) -> set[str]:
    """Tell what stops being true before anything can go out; the keys that must never arrive."""
    names = [f"x-{n:05d}" for n in range(number // 10 + 1)]
    reachable(stage, names)
    stage.deliverer.stop()
    keys: set[str] = set()
    soon = wall() + dt.timedelta(seconds=1)
    with writing(stage.engine) as connection:
        for n in range(number):
            name, way = names[n % len(names)], CHANNELS[n % len(CHANNELS)]
            expiring = n % 2 == 0
            one = message(name, f"wrong {n}", way, expires_at=soon if expiring else None)
            tell(connection, [one], wall())
            if not expiring:
                untell(connection, name, [one.key], wall())
            keys.add(push_key(one.key, way))
    time.sleep(1.2)
    stage.deliverer.start()
    return keys


def _hand_in(stage: Stage, things: int, acknowledged: list[str], found: Killing) -> None:
    """A channel's program: sends each batch until it is acknowledged, and remembers what was."""
    program = Program(stage.settings)
    for start in range(0, things, BATCH):
        batch = [_clicked(n) for n in range(start, min(start + BATCH, things))]
        while True:
            try:
                answer = program.ask("POST", "/v1/interactions", json={"interactions": batch})
            except Exception:
                # The server is being started again; what was not acknowledged is sent once more.
                time.sleep(0.2)
                continue
            if answer.status_code in (200, 201):
                acknowledged += [one["client_id"] for one in batch]
                break
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                found.server_errors += answer.status_code != httpx.codes.SERVICE_UNAVAILABLE
            time.sleep(0.2)
    program.close()


def _clicked(number: int) -> dict[str, Any]:
    at = wall() - dt.timedelta(seconds=number % 600)
    who = name_of(number % CITIZENS)
    return {"client_id": f"k-{number}", "subject": who, "kind": "click", "at": at.isoformat()}


def _tell(stage: Stage, things: int, told: _Told) -> None:
    """A pipeline: tells in transactions; what is committed must arrive."""
    for start in range(0, things, BATCH * A_SUBJECT):
        number = min(BATCH, (things - start + A_SUBJECT - 1) // A_SUBJECT)
        names = [f"r-{start // A_SUBJECT + n:05d}" for n in range(number)]
        reachable(stage, names)
        for what in range(A_SUBJECT):
            some: list[tuple[Message, str]] = []
            for n, name in enumerate(names):
                if start + what * number + n < things:
                    way = CHANNELS[(n + what) % len(CHANNELS)]
                    one = message(name, f"r {what}", way)
                    some.append((one, push_key(one.key, way)))
            with writing(stage.engine) as connection:
                tell(connection, [one for one, _ in some], wall())
            told.good |= {key for _, key in some}


def _kill_at_random(stage: Stage, kills: int, chance: random.Random, found: Killing) -> None:
    """Kill one at a time, at moments of no significance, and start it again at once."""
    children: tuple[Child, ...] = (stage.server, stage.worker, stage.deliverer)
    bag: list[Child] = []
    between = BETWEEN if kills > FEW else QUICK_BETWEEN
    for _ in range(kills):
        # Each in its turn, the turns in no order: nobody is spared by chance.
        bag = bag or chance.sample(children, len(children))
        child = bag.pop()
        child.kill()
        child.start(wait=False)
        found.kills += 1
        found.by_process[child.name] += 1
        found.deliverer_kills += child is stage.deliverer
        time.sleep(chance.uniform(*between))


def _unfinished(stage: Stage) -> int:
    with reading(stage.engine) as connection:
        waiting = select(func.count()).where(outbox.c.state.in_(("pending", "sending")))
        came = select(func.count()).select_from(arrival)
        return int(connection.execute(waiting).scalar_one() + connection.execute(came).scalar_one())


def _judge(stage: Stage, acknowledged: list[str], told: _Told, found: Killing) -> None:
    with reading(stage.engine) as connection:
        mine = select(interaction.c.client_id).where(interaction.c.client_id.like("k-%"))
        held = Counter(connection.execute(mine).scalars())
        dead = connection.execute(select(func.count()).select_from(dead_letter)).scalar_one()
    assert dead == 0, f"{dead} arrivals were given up"
    letters, short, paper = mailed(stage), applied(stage), printed(stage)
    arrived = pushed_keys(letters) | set(short) | set(paper)
    found.interactions, found.reminders = len(acknowledged), len(told.good)
    found.lost_interactions = sum(id_ not in held for id_ in acknowledged)
    found.lost_reminders = len(told.good - arrived)
    found.wrong_reminders = len(told.wrong & arrived)
    twice = [count - 1 for counter in (short, paper, held) for count in counter.values() if count > 1]
    found.duplicates_applied = sum(twice)
    found.email_repeats = sum(letters.values()) - len(letters)
    found.handed_over_again = handed_over(stage) - len(short)
