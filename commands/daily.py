"""`qianmian daily`: all that is to be done once a day, each step once, gone on with where it broke off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Annotated, Final

import typer

from commands.campaign import campaigns_worked
from commands.catalog import compiled
from commands.console import OUT, Refusal, step, table
from commands.difference import difference_words, run_difference
from commands.invite import invited_words, run_invite
from commands.score import run_score, scored_words
from commands.steps import AsOf, materialise_features
from commands.work import told as worked_words
from features.retrieval import FeaturesMissing
from pipelines.daily.journal import AnotherUnderWay, Journal
from pipelines.daily.run import Outcome, Progress, Step, StepFailed, has_failed, run_day
from pipelines.invite import invitation_rates
from pipelines.live.opening import AnotherAtWork, open_worker
from pipelines.score.standings_store import StandingsError
from records.settings import Settings, moment_of_writing, today_in_shanghai

MARKS: Final = {
    "done": "[green]done[/]",
    "before": "[dim]done before[/]",
    "failed": "[bold red]failed[/]",
    "held up": "[yellow]held up[/]",
}


def daily(
    as_of: AsOf = None,
    again: Annotated[bool, typer.Option(help="Do every step of the day again, also what is done.")] = False,
) -> None:
    """Do what is due today: features, arrivals, scoring, difference, invitations, campaigns.

    Every step is noted when it is done: run again the same day, only what is not done yet is done. Where a
    step fails the others are still done, save those that need it, and the command ends with status 1.
    """
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    outcomes = run_steps(settings, on, again=again)
    OUT.print(_summary(on, outcomes))
    if has_failed(outcomes):
        raise typer.Exit(code=1)


def run_steps(
    settings: Settings, on: dt.date, only: Collection[str] | None = None, *, again: bool = False
) -> tuple[Outcome, ...]:
    """Do the day's steps (some of them, where they are named); ends the command where another is at it."""
    journal = Journal(settings.home / "daily", on, compiled(settings).version)
    every = steps_of(settings, on, again=again or journal.is_again("score"))
    names = {one.name for one in every} if only is None else set(only)
    chosen = [_alone(one, names) for one in every if one.name in names]
    try:
        return run_day(journal, chosen, _wall, lambda one: step(one.title), _tell, again=again)
    except AnotherUnderWay as error:
        raise Refusal(str(error)) from error


def steps_of(settings: Settings, on: dt.date, *, again: bool = False) -> tuple[Step, ...]:
    """Every step of a day, in order; `again` scores anew what is scored already."""
    return (
        Step("features", "Materialising the features", lambda p: _features(settings, p)),
        Step("arrivals", "Acting on what came in", lambda p: _arrivals(settings), ("features",)),
        Step("score", "Scoring the city", lambda p: _score(settings, on, p, again=again), ("features",)),
        Step("difference", "Telling what changed", lambda p: _difference(settings, on, p), ("score",)),
        Step("invite", "Inviting", lambda p: invited_words(run_invite(settings, on, p)), ("features",)),
        Step("invitation-rates", "Counting invitations", lambda p: _rates(settings, on)),
        Step("campaigns", "Working on campaigns", lambda p: campaigns_worked(settings, on)),
    )


def _alone(one: Step, names: set[str]) -> Step:
    """A step without what is left to others."""
    return Step(one.name, one.title, one.work, tuple(name for name in one.needs if name in names))


def _features(settings: Settings, progress: Progress) -> str:
    report = materialise_features(settings, progress)
    return f"{sum(view.scope_items for view in report.profiles):,} packets"


def _arrivals(settings: Settings) -> str:
    try:
        with open_worker(settings, _wall) as worker:
            return worked_words(worker.once())
    except AnotherAtWork:
        return "a worker is at them already"


def _score(settings: Settings, on: dt.date, progress: Progress, *, again: bool) -> str:
    try:
        return scored_words(run_score(settings, on, progress, again=again))
    except StandingsError as error:
        raise StepFailed(str(error)) from error


def _difference(settings: Settings, on: dt.date, progress: Progress) -> str:
    try:
        return difference_words(run_difference(settings, progress, on))
    except (StandingsError, FeaturesMissing) as error:
        raise StepFailed(str(error)) from error


def _rates(settings: Settings, on: dt.date) -> str:
    found = invitation_rates(settings, compiled(settings), on, moment_of_writing(settings))
    delivered = found["all"]["delivered"]
    return "too few to be told" if delivered is None else f"{delivered:,} delivered"


def _wall() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _tell(outcome: Outcome) -> None:
    OUT.print(f"  {outcome.step.name}: {MARKS[outcome.state]}; {outcome.says}", highlight=False)


def _summary(on: dt.date, outcomes: tuple[Outcome, ...]) -> object:
    shown = table(f"The work of {on}", "step", "", "")
    for one in outcomes:
        shown.add_row(one.step.name, MARKS[one.state], one.says)
    return shown
