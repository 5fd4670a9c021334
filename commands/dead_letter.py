"""`qianmian dead-letter`: what could not be acted on, and another try."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from commands.console import OUT, table
from records.database import open_records, reading, writing
from records.dead_letters import dead_letters, replay
from records.settings import SHANGHAI, Settings

app = typer.Typer(no_args_is_help=True, help="What came in and could not be acted on, however often tried.")


@app.command("list")
def list_letters(
    most: Annotated[int, typer.Option(help="How many to show, the latest first.")] = 50,
) -> None:
    """Show dead letters with their reasons. Whom they are about is not shown."""
    engine = open_records(Settings())
    try:
        with reading(engine) as connection:
            found = dead_letters(connection, most)
    finally:
        engine.dispose()
    if not found:
        OUT.print("  no dead letters", highlight=False)
        return
    shown = table("", "id", "kind", "came", "given up", "tries", "reason")
    for one in found:
        times = (_minute(one.received_at), _minute(one.failed_at))
        shown.add_row(str(one.id), one.kind, *times, str(one.attempts), one.reason)
    OUT.print(shown)


@app.command("replay")
def replay_letters(
    ids: Annotated[list[int] | None, typer.Argument(help="Which ones; all of them otherwise.")] = None,
) -> None:
    """Let dead letters be acted on again, once each: a second call finds none of them."""
    engine = open_records(Settings())
    try:
        with writing(engine) as connection:
            back = replay(connection, ids or None, dt.datetime.now(dt.UTC))
    finally:
        engine.dispose()
    OUT.print(f"  {len(back)} dead letter(s) wait to be acted on again", highlight=False)


def _minute(at: dt.datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
