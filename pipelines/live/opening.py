"""Opens a worker on a run's records and stores, and closes it again."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Final

from sqlalchemy import make_url

from features.forgetting import forget
from pipelines.alone import alone
from pipelines.features.materialise import store_location
from pipelines.live.acts_push import ActsPush, Pushes
from pipelines.live.feature_push import RegisterPush
from pipelines.live.ground import Grounds
from pipelines.live.rounds import Rounds
from pipelines.live.steps import steps_on
from pipelines.live.worker import Worker
from privacy.policy_file import put_in_force
from records.arrival_stream import ArrivalStream
from records.database import open_records
from records.settings import Settings

LOCK: Final = "worker.lock"


class AnotherAtWork(RuntimeError):
    """Embedded records have one worker, and it is at work."""


def is_embedded(settings: Settings) -> bool:
    """Whether the records are a file of this run."""
    return make_url(settings.records_url).get_backend_name() == "sqlite"


@contextmanager
def open_worker(settings: Settings, wall: Callable[[], dt.datetime]) -> Iterator[Worker]:
    """A worker for these settings. Raises AnotherAtWork, and what an absent catalogue raises."""
    with _alone(settings):
        engine = open_records(settings)
        stream = None
        try:
            grounds = Grounds(settings, engine, lambda c: put_in_force(settings.privacy_policy, c))
            registers = RegisterPush(
                engine, lambda: grounds.latest.history, lambda: grounds.latest.online, lambda: grounds.at
            )
            acts = ActsPush(engine, lambda: grounds.latest.acts)
            push = Pushes(engine, (registers, acts), partial(forget, store_location(settings)))
            rounds = Rounds(engine, push, steps_on(grounds), wall)
            if settings.online_store == "redis":
                stream = ArrivalStream(settings.redis_url, f"{os.getpid()}-{secrets.token_hex(4)}")
            # What is amiss is told now, not when the first arrival comes.
            _ = grounds.latest
            yield Worker(engine, rounds, stream, wall, grounds.refresh)
        finally:
            if stream is not None:
                stream.leave()
            engine.dispose()


def _alone(settings: Settings) -> AbstractContextManager[None]:
    """Beside embedded records one worker at a time."""
    if not is_embedded(settings):
        return nullcontext()
    return alone(settings.home / LOCK, AnotherAtWork("a worker is at work on these records already"))
