"""`intake`: how many interactions a second our API takes in, in batches, on disk before acknowledged.

Real processes on loopback: the server and a worker beside it, on embedded records; and clients that send
batches prepared beforehand, so that the cores are the server's as far as they can be.
"""

from __future__ import annotations

import datetime as dt
import http.client
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson
from sqlalchemy import func, select

from benchmarks.live.processes import free_port, serving, working
from benchmarks.live.town import bare_town
from benchmarks.result import Result
from commands.signing_in import access_token
from records.database import engine_for, reading
from records.tables import arrival, interaction
from serving.settings import ServingSettings

CITIZENS: Final = 20_000
BATCH: Final = 500
CLIENTS: Final = 2
BATCHES: Final = {True: 120, False: 1_200}
"""By whether it is quick."""
WARM_UP: Final = 6
"""Batches before the clock starts."""
SETTLED_WITHIN: Final = 600.0
KINDS: Final = ("view", "click", "search", "impression", "start", "submit", "complete")


def run(quick: bool) -> list[Result]:
    """Measure, and hold the records to what was acknowledged."""
    with tempfile.TemporaryDirectory(prefix="intake-") as folder:
        settings = ServingSettings(home=Path(folder), port=free_port())
        catalogue, ids = bare_town(settings, CITIZENS)
        bodies = _bodies(ids, sorted(catalogue.public_services), BATCHES[quick] + WARM_UP)
        with serving(settings, worker=False) as address, working(settings):
            with httpx.Client(base_url=address) as client:
                token = access_token(client, "official:channel", settings)
            _send(address, token, bodies[:WARM_UP])
            took, slowest = _send(address, token, bodies[WARM_UP:])
            kept, settled = _settled(settings)
    if kept != len(bodies) * BATCH:
        raise RuntimeError(f"{len(bodies) * BATCH} were acknowledged and {kept} are on record")
    sent = (len(bodies) - WARM_UP) * BATCH
    return [
        Result("per_second", sent / took, "1/s"),
        Result("batch_p99_ms", slowest * 1e3, "ms"),
        Result("acted_on_per_second", sent / (took + settled), "1/s"),
    ]


def _bodies(ids: Sequence[str], items: Sequence[str], batches: int) -> list[bytes]:
    """Batches of what somebody, anybody, did."""
    rng = np.random.default_rng(1)
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    who = rng.integers(0, len(ids), (batches, BATCH))
    kinds, what = rng.integers(0, len(KINDS), who.shape), rng.integers(0, len(items), who.shape)
    return [
        orjson.dumps(
            {
                "interactions": [
                    {
                        "client_id": f"{batch:06}-{n:03}",
                        "subject": ids[who[batch, n]],
                        "kind": KINDS[kinds[batch, n]],
                        "at": (at + dt.timedelta(milliseconds=batch * BATCH + n)).isoformat(),
                        "item": items[what[batch, n]],
                        "channel": "online",
                        "query": "出生登记" if KINDS[kinds[batch, n]] == "search" else None,
                    }
                    for n in range(BATCH)
                ]
            }
        )
        for batch in range(batches)
    ]


def _send(address: str, token: str, bodies: Sequence[bytes]) -> tuple[float, float]:
    """Send all, by a few clients at once; the seconds it took, and the 99th percentile of one batch's."""
    waits: list[float] = []
    failed: list[str] = []
    clients = [
        threading.Thread(target=_client, args=(address, token, bodies[n::CLIENTS], waits, failed))
        for n in range(CLIENTS)
    ]
    began = time.perf_counter()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    took = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"{len(failed)} batches were not acknowledged: {failed[0]}")
    return took, float(np.percentile(waits, 99))


def _client(address: str, token: str, bodies: Sequence[bytes], waits: list[float], failed: list[str]) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    for body in bodies:
        began = time.perf_counter()
        connection.request("POST", "/v1/interactions", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        waits.append(time.perf_counter() - began)
        if answer.status != http.client.CREATED:
            failed.append(said[:300].decode())
    connection.close()


def _settled(settings: ServingSettings) -> tuple[int, float]:
    """How many interactions are on record, and how long after the last the worker had acted on all."""
    engine = engine_for(settings.records_url)
    began = time.perf_counter()
    try:
        while time.perf_counter() - began < SETTLED_WITHIN:
            with reading(engine) as connection:
                left = connection.execute(select(func.count()).select_from(arrival)).scalar_one()
                if not left:
                    kept = connection.execute(select(func.count()).select_from(interaction)).scalar_one()
                    return kept, time.perf_counter() - began
            time.sleep(0.1)
    finally:
        engine.dispose()
    raise RuntimeError("the worker did not come to an end of what was acknowledged")
