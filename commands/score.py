"""`qianmian score`: where every subject stands on a day, written for the daily difference to read."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from commands.catalog import compiled
from commands.console import OUT, Advance, Refusal, step
from pipelines.score.run import BY_RULES, LearnedOrder, ScoreReport, score
from pipelines.score.standings_store import StandingsError
from records.settings import Settings, moment_of_writing, today_in_shanghai
from serving.champions import load_champions


def score_city(
    as_of: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to score; today otherwise.")
    ] = None,
    partitions: Annotated[
        int | None,
        typer.Option(min=1, help="In how many files; what was begun goes on in as many as it was begun in."),
    ] = None,
    again: Annotated[
        bool, typer.Option(help="Score a day that is complete, or was begun, anew beside what is there.")
    ] = False,
) -> None:
    """Score the city: where every subject stands, as far as they may be told unasked."""
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    try:
        with step("Scoring the city") as advance:
            report = run_score(settings, on, advance, partitions, again=again)
    except StandingsError as error:
        raise Refusal(str(error)) from error
    show_scored(report)


def run_score(
    settings: Settings,
    on: dt.date,
    advance: Advance,
    partitions: int | None = None,
    *,
    again: bool = False,
) -> ScoreReport:
    """Score a day, or go on with what was begun; ordered by the affinity in force."""
    at, catalogue = moment_of_writing(settings), compiled(settings)
    found = load_champions(settings.models_path, catalogue).champions
    order = (
        LearnedOrder(found.names.get("affinity", "affinity"), found.affinity) if found.affinity else BY_RULES
    )
    return score(settings, catalogue, on, at, partitions, again=again, order=order, progress=advance)


def show_scored(report: ScoreReport) -> None:
    """Print what is there now, and how fast it came."""
    OUT.print(f"  {scored_words(report)}", highlight=False)


def scored_words(report: ScoreReport) -> str:
    """The same in words."""
    made = report.manifest
    pace = f", {report.pace:,.0f} subjects/s" if report.scored else ", all of it from before"
    return (
        f"{report.standings.name}: {made.rows:,} standings of {made.subjects:,} subjects in "
        f"{made.begun.partitions} file(s){pace}"
    )
