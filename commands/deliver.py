"""`qianmian deliver` sends what waits in the outbox; `qianmian outbox` shows it, and tries once more."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from commands.console import OUT, Refusal, table
from commands.trail import leave_trail
from records.database import open_records, reading, writing
from records.delivery_counts import delivery_counts
from records.keys import Secrets, SecretsError, open_secrets
from records.outbox_view import Waiting, failed, retry, waiting
from records.settings import moment_of_writing
from records.tables.vocabulary import AddressChannel
from serving.delivery.claiming import ClocksDisagree
from serving.delivery.deliverer import Deliverer
from serving.delivery.settings import DeliverySettings
from serving.logging_lines import configure_logging
from serving.overload import LimitsUnknown

app = typer.Typer(no_args_is_help=True, help="What waits to be sent, what failed, and trying it once more.")
Most = Annotated[int, typer.Option(min=1, max=10_000, help="How many rows to show.")]


def deliver(
    once: Annotated[bool, typer.Option("--once", help="End when nothing more can go now.")] = False,
) -> None:
    """Deliver the outbox by the channels that the settings open."""
    settings = _settings()
    if not settings.open_channels:
        raise Refusal(
            "no channel is open: set QIANMIAN_MAIL_HOST, QIANMIAN_SMS_GATEWAY, QIANMIAN_WEBHOOK_GATEWAY or "
            "QIANMIAN_LETTERS_FOLDER (settings.example.toml, [delivery])"
        )
    configure_logging(settings.log_level)
    with _records(settings) as engine:
        deliverer = Deliverer(settings, engine, _secrets(settings))
        # What was imported stays: looking through it for garbage would cost more than the sending.
        gc.freeze()
        with _stopping(deliverer):
            try:
                deliverer.once() if once else deliverer.run()
            except (LimitsUnknown, ClocksDisagree, SQLAlchemyError) as error:
                raise Refusal(
                    f"nothing more is sent, and what waits is kept: {type(error).__name__}"
                ) from error
            finally:
                deliverer.close()
        total = deliverer.total
    OUT.print(
        f"  {total.delivered:,} delivered, {total.temporary:,} to be tried again, "
        f"{total.given_up:,} given up, {total.unsent:,} given back",
        highlight=False,
    )


@app.command("list")
def list_outbox(
    state: Annotated[str, typer.Option(help="waiting, or failed.")] = "waiting",
    most: Most = 20,
) -> None:
    """How much waits by channel, and the oldest rows that wait or have failed; nobody's address."""
    settings = _settings()
    if state not in {"waiting", "failed"}:
        raise Refusal(f"--state {state}: choose waiting or failed")
    with _records(settings) as engine:
        leave_trail(settings, engine, "outbox listed", detail={"state": state})
        with reading(engine) as connection:
            counts = delivery_counts(connection, moment_of_writing(settings))
            rows = (failed if state == "failed" else waiting)(connection, most)
    shown = table("Outbox", "channel", "waiting", "due", "due since", "sending", "failed", "rests until")
    for channel, one in counts.channels.items():
        numbers = (f"{one.pending:,}", f"{one.due:,}", str(one.due_since or ""), f"{one.sending:,}")
        shown.add_row(channel, *numbers, f"{one.failed:,}", str(one.resting_until or ""))
    OUT.print(shown)
    _show(rows, state)


@app.command("retry")
def retry_outbox(
    key: Annotated[list[str] | None, typer.Argument(help="Keys of failed rows.")] = None,
    channel: Annotated[AddressChannel | None, typer.Option(help="All that failed on a channel.")] = None,
) -> None:
    """Let failed rows wait for delivery once more; whether they are still true is looked at then."""
    settings = _settings()
    if not key and channel is None:
        raise Refusal("name keys, or a --channel")
    with _records(settings) as engine:
        leave_trail(settings, engine, "outbox retried", detail={"keys": len(key or ()), "channel": channel})
        with writing(engine) as connection:
            count = retry(connection, key or (), channel, moment_of_writing(settings))
    OUT.print(f"  {count:,} wait again", highlight=False)


def _show(rows: tuple[Waiting, ...], state: str) -> None:
    if not rows:
        return
    shown = table(f"Oldest {state}", "key", "channel", "attempts", "since", "next", "error")
    for row in rows:
        then = str(row.next_attempt_at or "")
        shown.add_row(row.key, row.channel, str(row.attempts), str(row.created_at), then, row.error or "")
    OUT.print(shown)


def _settings() -> DeliverySettings:
    try:
        return DeliverySettings()
    except ValidationError as error:
        raise Refusal("; ".join(str(each["msg"]) for each in error.errors())) from error


def _secrets(settings: DeliverySettings) -> Secrets:
    try:
        return open_secrets(settings)
    except SecretsError as error:
        raise Refusal(str(error)) from error


@contextmanager
def _records(settings: DeliverySettings) -> Iterator[Engine]:
    engine = open_records(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _stopping(deliverer: Deliverer) -> Iterator[None]:
    """Within it, SIGINT and SIGTERM end delivery once what is on its way has arrived."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        deliverer.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
