"""`qianmian work`: act on what came in live, and the worker that embedded runs have within them."""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from catalog.artefact import ArtefactError
from commands.console import OUT, Refusal
from pipelines.live.opening import AnotherAtWork, open_worker
from pipelines.live.rounds import Tally
from records.settings import Settings
from serving.logging_lines import configure_logging

PATIENCE_SECONDS: Final = 20.0
"""How long a server that stops waits for its worker's round to end."""
TRY_AGAIN_SECONDS: Final = 10.0
"""How long after a worker that could not begin another one is tried."""

logger = logging.getLogger("qianmian.worker")


def work(
    once: Annotated[bool, typer.Option("--once", help="Work off what is due, and stop.")] = False,
) -> None:
    """Act on what came in: push features, re-assess the subjects concerned; SIGTERM ends it gracefully."""
    settings, stop = Settings(), threading.Event()
    try:
        with open_worker(settings, _wall) as worker:
            if once:
                OUT.print(f"  {told(worker.once())}", highlight=False)
                return
            configure_logging("info")
            for sign in (signal.SIGTERM, signal.SIGINT):
                signal.signal(sign, lambda _number, _frame: stop.set())
            logger.info("the worker is at work")
            tally = worker.run(stop)
    except AnotherAtWork as error:
        raise Refusal(str(error)) from error
    except (ArtefactError, FileNotFoundError) as error:
        raise Refusal(f"{error}: run `qianmian catalog build`, or `make run`") from error
    logger.info("the worker stopped: %s", told(tally))


def told(tally: Tally) -> str:
    """What was done, in words."""
    words = f"{tally.done:,} arrival(s) acted on"
    if tally.put_off:
        words += f", {tally.put_off:,} put off"
    if tally.given_up:
        words += f", {tally.given_up:,} given up (qianmian dead-letter list)"
    return words


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """A worker beside the block, in a thread of its own; it ends with the block, also at SIGTERM."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(settings, stop), name="worker", daemon=True)
    # A server that ends at the signal raises it again, which by itself would end the process on the spot.
    before = signal.signal(signal.SIGTERM, _leave)
    thread.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        stop.set()
        thread.join(PATIENCE_SECONDS)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _work(settings: Settings, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with open_worker(settings, _wall) as worker:
                worker.run(stop)
        except AnotherAtWork:
            logger.info("another worker is at work on these records; this server leaves it to that one")
        except Exception as error:
            # The server goes on without it; what came waits in the table.
            logger.error("the worker could not begin: %s", type(error).__name__)
        stop.wait(TRY_AGAIN_SECONDS)


def _wall() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
