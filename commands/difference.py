"""`qianmian difference`: tell people what became due, or is due no longer, since they were told last."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from commands.catalog import compiled
from commands.console import OUT, Advance, Refusal, step
from pipelines.difference.run import DifferenceReport, difference
from pipelines.score.standings_store import StandingsError
from records.settings import Settings, moment_of_writing


def tell_difference(
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="The day to compare with; what was told last otherwise."
        ),
    ] = None,
    to: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The day to tell of; the last one scored otherwise."),
    ] = None,
) -> None:
    """Tell the difference: who entered or left a standing or a window since the city was told last."""
    settings = Settings()
    try:
        with step("Telling the difference") as advance:
            report = run_difference(
                settings, advance, to.date() if to else None, since.date() if since else None
            )
    except StandingsError as error:
        raise Refusal(str(error)) from error
    show_difference(report)


def run_difference(
    settings: Settings, advance: Advance, to: dt.date | None = None, since: dt.date | None = None
) -> DifferenceReport:
    """Tell what changed, or go on with what was broken off."""
    return difference(settings, compiled(settings), moment_of_writing(settings), to, since, advance)


def show_difference(report: DifferenceReport) -> None:
    """Print whom it reached."""
    OUT.print(f"  {difference_words(report)}", highlight=False)


def difference_words(report: DifferenceReport) -> str:
    """The same in words."""
    done, since = report.done, report.since or "nothing"
    again = "" if report.now else "; all of it was told before"
    aside = f", {done.left_aside:,} left aside" if done.left_aside else ""
    return (
        f"{since} to {report.to}: {done.changed:,} subjects, {done.told:,} messages told, "
        f"{done.untold:,} closed{aside}{again}"
    )
