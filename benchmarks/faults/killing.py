# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Server, worker and deliverer killed at random while interactions come in and reminders go out."""

from __future__ import annotations

import datetime as dt
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from benchmarks.faults.processes import Child, until
from benchmarks.faults.pushes import (
    CHANNELS,
    applied,
    handed_over,
    known,
    mailed,
    message,
    printed,
    pushed_keys,
    reachable,
)
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.visitor import Program
from records.database import reading, writing
from records.inbox import Message
from records.pushes import push_key
from records.tables import arrival, dead_letter, interaction, outbox
from records.telling import tell, untell

BATCH: Final = 100
A_SUBJECT: Final = 40
"""Interactions each subject has, and reminders each is told, of the 50 a day that may go out."""
WRONG_SHARE: Final = 50
"""One in so many reminders is taken back, and one expires, before anything goes out."""
FIRST_SECONDS: Final = 3.0
BETWEEN, QUICK_BETWEEN = (4.0, 14.0), (0.5, 2.0)
"""Seconds from one kill to the next: mostly so many that whoever was killed has begun its work again."""
TELL_AHEAD: Final = dt.timedelta(seconds=3)
"""For so long what will expire is true, after it was told."""
FEW: Final = 10
"""So few kills are to be quick."""
DRAINED_WITHIN: Final = 1_800.0


@dataclass
class Killing:
    """What came of it."""

    kills: int = 0
    amid_work: int = 0
    """Kills while interactions were still to be handed in, or reminders to be told or delivered."""
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


@dataclass(frozen=True, slots=True)
class _Evenly:
    """Spreads work over a time, so that kills fall amid it; what is late is done at once."""

    began: float
    seconds: float
    things: int

    def await_turn(self, number: int) -> None:
        """Wait until it is this thing's turn."""
        time.sleep(max(0.0, self.began + self.seconds * number / self.things - time.monotonic()))


def killing(stage: Stage, things: int, kills: int, seed: int = 1) -> Killing:
    """Hand in so many interactions and tell so many reminders while our processes are killed so often."""
    found, began, chance = Killing(), time.monotonic(), random.Random(seed)  # noqa: S311 - moments
    told = _Told(wrong=_wrong_ones(stage, max(10, things // WRONG_SHARE)))
    known(stage, [_bystander(n) for n in range(things // A_SUBJECT)])
    acknowledged: list[str] = []
    between = BETWEEN if kills > FEW else QUICK_BETWEEN
    pauses = [FIRST_SECONDS, *(chance.uniform(*between) for _ in range(kills - 1))]
    # A little longer than there is killing, so that the last kill falls amid the work as well.
    evenly = _Evenly(time.monotonic(), 1 + 1.02 * sum(pauses), things)
    work = [
        threading.Thread(target=_hand_in, args=(stage, evenly, acknowledged, found)),
        threading.Thread(target=_tell, args=(stage, evenly, told)),
    ]
    for thread in work:
        thread.start()
    _kill_at_random(stage, pauses, chance, found, work)
    for thread in work:
        thread.join()
    for child in (stage.server, stage.worker, stage.deliverer):
        if not child.alive:
            child.start()
    until(lambda: not _unfinished(stage), "the end of what waits", DRAINED_WITHIN, 0.5)
    assert len(acknowledged) == things, f"{len(acknowledged)} of {things} interactions were acknowledged"
    assert len(told.good) == things, f"{len(told.good)} of {things} reminders were told"
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
    for start in range(0, number, BATCH):
        expiring: list[Message] = []
        taken_back: list[Message] = []
        at = wall()
        for n in range(start, min(start + BATCH, number)):
            name, way = names[n % len(names)], CHANNELS[n % len(CHANNELS)]
            expires_at = at + TELL_AHEAD if n % 2 == 0 else None
            one = message(name, f"wrong {n}", way, expires_at=expires_at)
            (expiring if n % 2 == 0 else taken_back).append(one)
            keys.add(push_key(one.key, way))
        with writing(stage.engine) as connection:
            pushed = tell(connection, [*expiring, *taken_back], at).pushes
            assert pushed == len(expiring) + len(taken_back), f"only {pushed} pushes wait: not injected"
        with writing(stage.engine) as connection:
            for one in taken_back:
                untell(connection, one.subject, [one.key], wall())
    time.sleep(TELL_AHEAD.total_seconds())
    stage.deliverer.start()
    return keys


def _hand_in(stage: Stage, evenly: _Evenly, acknowledged: list[str], found: Killing) -> None:
    """A channel's program: sends each batch until it is acknowledged, and remembers what was."""
    program, things = Program(stage.settings), evenly.things
    for start in range(0, things, BATCH):
        evenly.await_turn(start)
        batch = [_clicked(n, things // A_SUBJECT) for n in range(start, min(start + BATCH, things))]
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
            elif answer.status_code not in (httpx.codes.UNAUTHORIZED, httpx.codes.TOO_MANY_REQUESTS):
                raise AssertionError(f"{answer.status_code} for a batch: {answer.text[:300]}")
            time.sleep(0.2)
    program.close()


def _bystander(number: int) -> str:
    return f"b-{number:05d}"


def _clicked(number: int, people: int) -> dict[str, Any]:
    at = wall() - dt.timedelta(seconds=number % 600)
    who = _bystander(number % people)
    return {"client_id": f"k-{number}", "subject": who, "kind": "click", "at": at.isoformat()}


def _tell(stage: Stage, evenly: _Evenly, told: _Told) -> None:
    """A pipeline: tells in transactions; what is committed must arrive."""
    things = evenly.things
    for start in range(0, things, BATCH * A_SUBJECT):
        number = min(BATCH, (things - start + A_SUBJECT - 1) // A_SUBJECT)
        names = [f"r-{start // A_SUBJECT + n:05d}" for n in range(number)]
        reachable(stage, names)
        for what in range(A_SUBJECT):
            evenly.await_turn(start + what * number)
            some: list[tuple[Message, str]] = []
            for n, name in enumerate(names):
                if start + what * number + n < things:
                    way = CHANNELS[(n + what) % len(CHANNELS)]
                    one = message(name, f"r {what}", way)
                    some.append((one, push_key(one.key, way)))
            with writing(stage.engine) as connection:
                tell(connection, [one for one, _ in some], wall())
            told.good |= {key for _, key in some}


def _kill_at_random(
    stage: Stage,
    pauses: Sequence[float],
    chance: random.Random,
    found: Killing,
    work: Sequence[threading.Thread],
) -> None:
    """Kill one at a time, at moments of no significance, and start it again at once."""
    children: tuple[Child, ...] = (stage.server, stage.worker, stage.deliverer)
    bag: list[Child] = []
    for pause in pauses:
        time.sleep(pause)
        found.amid_work += any(thread.is_alive() for thread in work) or _unfinished(stage) > 0
        # Each in its turn, the turns in no order: nobody is spared by chance.
        bag = bag or chance.sample(children, len(children))
        child = bag.pop()
        child.kill()
        child.start(wait=False)
        found.kills += 1
        found.by_process[child.name] += 1
        found.deliverer_kills += child is stage.deliverer


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
    found.email_repeats = sum(letters.values()) - len(pushed_keys(letters))
    assert len(pushed_keys(letters)) == len(letters), "a letter was repeated under another Message-ID"
    found.handed_over_again = handed_over(stage) - len(short)
