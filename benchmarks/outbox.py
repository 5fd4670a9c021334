"""How long 200,000 reminders take from the outbox to whoever receives them: by mail, webhook and file.

Real parts on this machine: PostgreSQL; `qianmian deliver` as a process of its own; a mail server, the sample
receiver of the webhook, and a folder of letters. Half go by e-mail, each handed over and noted by itself,
two fifths as short messages, a hundred a request, and a tenth as letters in files. Consents, choices,
addresses, limits and the audit chain are as in production, but for how much one subject may be sent a day.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select

from benchmarks.outbox_stage import Stage, outbox_stage
from benchmarks.outbox_town import put_out
from benchmarks.result import Result
from records.database import reading
from records.tables import delivery, outbox
from serving.delivery.by_file import manifests

REMINDERS: Final = {True: 5_000, False: 200_000}
"""By whether it is quick."""
ASKED: Final = 200_000
WITHIN: Final = {True: 100.0, False: 1_800.0}
"""Seconds until the measurement is given up."""


@dataclass(frozen=True, slots=True)
class Took:
    """From the first claim to the last mark, in seconds; and before it, until the first claim."""

    delivering: float
    starting: float


def run(quick: bool) -> list[Result]:
    """Measure, and hold every receiver to each key exactly once."""
    with ExitStack() as ends:
        folder = Path(tempfile.mkdtemp(prefix="outbox-"))
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        stage = ends.enter_context(outbox_stage(folder))
        put_out(stage, REMINDERS[quick])
        took = _delivered(stage, REMINDERS[quick], WITHIN[quick])
        counts = _check(stage, REMINDERS[quick])
    rate = REMINDERS[quick] / took.delivering
    unit = "minutes" if not quick else f"minutes, extrapolated from {REMINDERS[quick]}"
    return [
        Result("minutes_200k", ASKED / rate / 60, unit),
        Result("per_second", rate, "1/s"),
        *(Result(f"by_{channel}", count, "reminders") for channel, count in sorted(counts.items())),
        Result("start_up_seconds", took.starting, "s"),
    ]


def _delivered(stage: Stage, number: int, within: float) -> Took:
    began = dt.datetime.now(dt.UTC)
    end = time.monotonic() + within
    with stage.deliverer() as process:
        while (sent := _count(stage.engine, "sent")) < number:
            if time.monotonic() > end or process.poll() is not None:
                raise RuntimeError(f"{sent} of {number} reminders were delivered, and no more")
            time.sleep(0.5)
    with reading(stage.engine) as connection:
        first, last = connection.execute(
            select(func.min(delivery.c.started_at), func.max(delivery.c.finished_at))
        ).one()
    return Took((last - first).total_seconds(), (first - began).total_seconds())


def _count(engine: Engine, state: str) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(outbox.c.state == state)).scalar_one()


def _check(stage: Stage, number: int) -> dict[str, int]:
    """Every key arrived, and once. RuntimeError where one did not."""
    with reading(stage.engine) as connection:
        rows = connection.execute(select(outbox.c.channel, outbox.c.message)).all()
    mailed = (line.split("Message-ID: <")[1].split("@")[0] for line in stage.letters_taken())
    with sqlite3.connect(stage.ledger) as ledger:
        texted = [key for (key,) in ledger.execute("SELECT key FROM handed_over")]
    printed = [key for _, manifest in manifests(stage.printed) for key in manifest.keys]
    for channel, arrived in (
        ("email", Counter(mailed)),
        ("sms", Counter(texted)),
        ("letter", Counter(printed)),
    ):
        expected = Counter(row.message for row in rows if row.channel == channel)
        if arrived != expected:
            raise RuntimeError(f"{channel}: {len(expected)} were sent and {arrived.total()} arrived")
    if len(rows) != number:
        raise RuntimeError(f"{len(rows)} reminders were in the outbox, not {number}")
    return dict(Counter(row.channel for row in rows))
