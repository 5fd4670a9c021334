"""The `qianmian` console command."""

from __future__ import annotations

import os

import typer

# Before anything that may load MLflow: it would otherwise report each run to its makers.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from commands import (
    audit,
    campaign,
    catalog,
    daily,
    dead_letter,
    deliver,
    demand,
    difference,
    invite,
    keys,
    people,
    privacy,
    run,
    score,
    serve,
    steps,
    subjects,
    work,
)
from commands.console import Refusal
from privacy.policy_file import PolicyError, put_in_force
from records.settings import Settings

app = typer.Typer(
    name="qianmian",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="What every citizen and every enterprise of a city should do, can do and can finish at once.",
)


@app.callback()
def follow_policy() -> None:
    """What every citizen and every enterprise of a city should do, can do and can finish at once."""
    try:
        put_in_force(Settings().privacy_policy)
    except PolicyError as error:
        raise Refusal(str(error)) from error


app.add_typer(catalog.app, name="catalog")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(privacy.app, name="privacy")
app.add_typer(people.app, name="people")
app.add_typer(deliver.app, name="outbox")
app.add_typer(invite.app, name="invite")
app.add_typer(campaign.app, name="campaign")
app.add_typer(dead_letter.app, name="dead-letter")
app.command()(steps.city)
app.command()(steps.ingest)
app.command()(steps.features)
app.command()(steps.train)
app.command()(steps.evaluate)
app.command()(steps.promote)
app.command("score")(score.score_city)
app.command("difference")(difference.tell_difference)
app.command()(daily.daily)
app.command()(demand.demand)
app.command()(serve.serve)
app.command()(deliver.deliver)
app.command()(work.work)
app.command()(run.run)
app.command()(subjects.assess)
app.command()(subjects.homepage)

if __name__ == "__main__":
    app()
