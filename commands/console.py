"""What every verb shares with the person at the keyboard: one console, one shape of progress and failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

OUT = Console()
ERR = Console(stderr=True)

Advance = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done (0 to 1)."""


class Refusal(typer.Exit):
    """A verb that cannot do its job: says why, and ends with status 1."""

    def __init__(self, message: str) -> None:
        ERR.print(f"[bold red]✗[/] {message}", highlight=False)
        super().__init__(code=1)


@contextmanager
def step(title: str) -> Iterator[Advance]:
    """Show one step with a bar while it runs, and its time when it is done."""
    started = perf_counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=OUT, transient=True) as progress:
        task = progress.add_task(title, total=1.0)

        def advance(what: str, share: float) -> None:
            progress.update(task, description=f"{title} · {what}", completed=min(1.0, share))

        yield advance
    OUT.print(f"[green]✓[/] {title} [dim]{perf_counter() - started:.1f} s[/]", highlight=False)


def table(title: str, *columns: str) -> Table:
    """A table in the house's style."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
