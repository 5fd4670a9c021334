"""`freshness`: how long after an interaction is acknowledged its homepage shows it, at 500 a second.

Real processes on loopback, as in production: PostgreSQL for the records, Valkey for features and the stream
of arrivals, the server and a worker. The interactions sampled are refusals ("not for me"), which set an item
aside; from the acknowledgement on, the subject's homepage is asked for until it shows that.
"""

from __future__ import annotations

import datetime as dt
import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import orjson
from sqlalchemy import Engine, func, select

from benchmarks.live.load import Caller, Paced
from benchmarks.live.processes import free_port, postgresql, serving, valkey, working
from benchmarks.live.town import bare_town, tell_of_all
from benchmarks.result import Result
from commands.signing_in import access_token
from records.database import engine_for, reading
from records.tables import arrival, interaction
from serving.settings import ServingSettings

CITIZENS: Final = 2_000
PER_SECOND: Final = 500
BATCH: Final = 25
SECONDS: Final = {True: 20, False: 60}
"""By whether it is quick."""
SAMPLED_EVERY: Final = 10
"""Batches from one sampled interaction to the next: two a second."""
GIVE_UP: Final = 30.0
LOOKERS: Final = 2


@dataclass
class Sample:
    """One subject whose homepage is watched."""

    subject: str
    token: str
    item: str


@dataclass
class Watch:
    """Hears of acknowledged samples, and asks for their homepages until these have changed."""

    address: str
    samples: dict[int, Sample]
    """By batch."""
    heard: queue.Queue[tuple[Sample, float] | None] = field(default_factory=queue.Queue)
    seconds: list[float] = field(default_factory=list)

    def acknowledged(self, batch: int, at: float) -> None:
        """A batch is on record."""
        if batch in self.samples:
            self.heard.put((self.samples[batch], at))

    def look(self) -> None:
        """Take samples one by one until told to stop."""
        while (told := self.heard.get()) is not None:
            sample, at = told
            caller = Caller(self.address, sample.token)
            while not _shows(caller, sample):
                if time.perf_counter() - at > GIVE_UP:
                    raise RuntimeError("a homepage never showed what was acknowledged")
            self.seconds.append(time.perf_counter() - at)
            caller.close()


def run(quick: bool) -> list[Result]:
    """Measure; every sampled interaction must show."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fresh-")))
        settings = ServingSettings(
            home=folder / "home",
            port=free_port(),
            records_url=stack.enter_context(postgresql(folder)),
            online_store="redis",
            redis_url=stack.enter_context(valkey(folder)),
        )
        settings.home.mkdir()
        catalogue, ids = bare_town(settings, CITIZENS)
        tell_of_all(settings, catalogue, ids)
        address = stack.enter_context(serving(settings, worker=False))
        stack.enter_context(working(settings))
        return _measured(settings, address, ids, sorted(catalogue.public_services), SECONDS[quick])


def _measured(
    settings: ServingSettings, address: str, ids: Sequence[str], items: Sequence[str], seconds: int
) -> list[Result]:
    batches = seconds * PER_SECOND // BATCH
    with httpx.Client(base_url=address, timeout=60) as client:
        channel = access_token(client, "official:channel", settings)
        samples = _samples(client, settings, ids, batches)
    watch = Watch(address, samples)
    bodies = _bodies(ids[len(samples) :], items, samples, batches)
    engine = engine_for(settings.records_url)
    _warm(address, channel, next(iter(samples.values())), engine)
    paced = Paced(
        Caller(address, channel), "/v1/interactions", bodies, BATCH / PER_SECOND, watch.acknowledged
    )
    lookers = [threading.Thread(target=watch.look) for _ in range(LOOKERS)]
    lags = _Lags(engine_for(settings.records_url))
    began = time.perf_counter()
    for one in (*lookers, lags):
        one.start()
    paced.start().join()
    took = time.perf_counter() - began
    for _ in lookers:
        watch.heard.put(None)
    for one in lookers:
        one.join()
    lags.end()
    if paced.failed or len(watch.seconds) != len(samples):
        raise RuntimeError(f"{len(paced.failed)} batches failed, {len(watch.seconds)} samples showed")
    with reading(engine) as connection:
        kept = connection.execute(select(func.count()).where(interaction.c.kind != "impression")).scalar_one()
    engine.dispose()
    if kept < batches * BATCH:
        raise RuntimeError(f"{batches * BATCH} were acknowledged and {kept} are on record")
    return [
        Result("p99_seconds", float(np.percentile(watch.seconds, 99)), "s"),
        Result("p50_seconds", float(np.percentile(watch.seconds, 50)), "s"),
        Result("sent_per_second", batches * BATCH / took, "1/s"),
        Result("acted_on_p99_seconds", float(np.percentile(lags.seconds, 99)), "s"),
    ]


class _Lags(threading.Thread):
    """Notes, many times a second, how long the oldest arrival has waited for the worker."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine, self._stop_now = engine, threading.Event()
        self.seconds: list[float] = []

    def run(self) -> None:
        """Look until told to end."""
        while not self._stop_now.wait(0.05):
            with reading(self._engine) as connection:
                since = connection.execute(select(func.min(arrival.c.received_at))).scalar_one()
            waited = dt.datetime.now(dt.UTC) - since if since is not None else dt.timedelta()
            self.seconds.append(waited.total_seconds())

    def end(self) -> None:
        """Stop looking."""
        self._stop_now.set()
        self.join()
        self._engine.dispose()


def _samples(
    client: httpx.Client, settings: ServingSettings, ids: Sequence[str], batches: int
) -> dict[int, Sample]:
    """A subject for every so many batches, and an item of their page that they will refuse."""
    found: dict[int, Sample] = {}
    item = ""
    for subject, batch in zip(ids, range(SAMPLED_EVERY, batches, SAMPLED_EVERY), strict=False):
        token = access_token(client, f"citizen:{subject}", settings)
        if not item:
            item = _refusable(Caller(settings.address, token), subject)
        found[batch] = Sample(subject, token, item)
    return found


def _refusable(caller: Caller, subject: str) -> str:
    page = _page(caller, subject)
    if not page["can_do"]:
        raise RuntimeError("there is nothing on the page to refuse")
    return str(page["can_do"][-1]["item"])


def _page(caller: Caller, subject: str) -> dict[str, Any]:
    status, said = caller.get(f"/v1/citizens/{subject}/homepage")
    if status != httpx.codes.OK:
        raise RuntimeError(f"no homepage ({status})")
    page: dict[str, Any] = orjson.loads(said)
    return page


def _shows(caller: Caller, sample: Sample) -> bool:
    """Whether the homepage says that the item is set aside."""
    page = _page(caller, sample.subject)
    return any(one["item"] == sample.item and one.get("set_aside") is not None for one in page["can_do"])


def _warm(address: str, channel: str, sample: Sample, engine: Engine) -> None:
    """Until pages are served and the worker has acted on something."""
    for _ in range(5):
        _page(Caller(address, sample.token), sample.subject)
    at = dt.datetime.now(dt.UTC).isoformat()
    first = {"client_id": "warm", "subject": sample.subject, "kind": "view", "at": at}
    Caller(address, channel).post("/v1/interactions", orjson.dumps(first))
    until = time.perf_counter() + GIVE_UP * 4
    while time.perf_counter() < until:
        with reading(engine) as connection:
            if not connection.execute(select(func.count()).select_from(arrival)).scalar_one():
                return
        time.sleep(0.1)
    raise RuntimeError("the worker did not act on anything")


def _bodies(
    ids: Sequence[str], items: Sequence[str], samples: dict[int, Sample], batches: int
) -> list[bytes]:
    rng = np.random.default_rng(1)
    who, what = rng.integers(0, len(ids), (batches, BATCH)), rng.integers(0, len(items), (batches, BATCH))
    at = dt.datetime.now(dt.UTC).isoformat()
    bodies = []
    for batch in range(batches):
        sent = [
            {
                "client_id": f"{batch:06}-{n:02}",
                "subject": ids[who[batch, n]],
                "kind": "view",
                "at": at,
                "item": items[what[batch, n]],
                "channel": "online",
            }
            for n in range(BATCH)
        ]
        if batch in samples:
            one = samples[batch]
            sent[0] |= {
                "subject": one.subject,
                "kind": "dismiss",
                "item": one.item,
                "scope_item": one.subject,
            }
        bodies.append(orjson.dumps({"interactions": sent}))
    return bodies
