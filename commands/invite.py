"""`qianmian invite`: the daily round of invitations, and how many were done by the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import typer

from commands.catalog import compiled
from commands.console import OUT, Advance, step, table
from commands.steps import AsOf
from commands.trail import leave_trail
from models.homepage import LearnedSignals
from pipelines.invite import InviteReport, Skip, invitation_rates, invite
from records.database import open_records
from records.settings import Settings, moment_of_writing, today_in_shanghai
from serving.champions import load_champions

app = typer.Typer(
    invoke_without_command=True, help="Propose what is worth a visit, and tell each subject once."
)
SHOWN = ("delivered", "in_time", "late", "said_done", "open", "missed")


@app.callback()
def run(context: typer.Context, as_of: AsOf = None) -> None:
    """Let old invitations run out, propose new ones and tell them: to be run once a day."""
    if context.invoked_subcommand is not None:
        return
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    with step("Inviting") as advance:
        report = run_invite(settings, on, advance)
    show_invited(report)


def run_invite(settings: Settings, on: dt.date, advance: Advance) -> InviteReport:
    """One round, with the champions in force."""
    catalogue = compiled(settings)
    champions = load_champions(settings.models_path, catalogue).champions
    learned = LearnedSignals(champions, catalogue) if champions.names else None
    return invite(settings, catalogue, on, moment_of_writing(settings), learned, advance)


SKIPPED: Final[Mapping[Skip, str]] = {
    "told_nothing": "let reminders know nothing",
    "departed": "have departed",
    "no_room": "had enough proposed this month",
    "gone_since": "departed or were erased while they were judged",
    "reminders_changed": "changed what reminders may know while they were judged",
    "ranking_changed": "changed what ranking may know while they were judged",
}
"""Why a round leaves subjects out, in words."""


def skipped_words(report: InviteReport) -> str:
    """Whom a round left out, by the reason."""
    said = [f"{report.skipped[why]:,} {words}" for why, words in SKIPPED.items() if report.skipped.get(why)]
    return f"left out: {', '.join(said)}" if said else "nobody left out"


def invited_words(report: InviteReport) -> str:
    """What a round did, in words."""
    return (
        f"{report.looked_at:,} subjects, {report.proposed:,} proposed, {report.told:,} told, "
        f"{report.near:,} reminded of their day; {report.expired:,} ran out, {report.untrue:,} ended, "
        f"{report.again:,} came back; {skipped_words(report)}"
    )


def show_invited(report: InviteReport) -> None:
    """Print what a round did, and what its days were chosen by."""
    OUT.print(f"  {invited_words(report)}", highlight=False)
    chosen = "no forecast of the offices' weeks: run `qianmian demand` to spread visits by load"
    OUT.print(f"  {chosen if report.plan is None else report.plan}", highlight=False)


@app.command("report")
def rates(as_of: AsOf = None) -> None:
    """Count what became of invitations (预约用户服务成功率); what rests on a few is left out."""
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    engine = open_records(settings)
    leave_trail(settings, engine, "invitations.report", purpose="aggregate")
    engine.dispose()
    found = invitation_rates(settings, compiled(settings), on, moment_of_writing(settings))
    shown = table(f"Invitations until {found['on']}", "", *SHOWN, "success rate", "of those settled")
    _add(shown, "all", found["all"])
    for dimension, lines in found["by"].items():
        for line in lines:
            _add(shown, f"{dimension} {line['group']}", line)
    OUT.print(shown)


def _add(shown: Any, name: str, line: dict[str, Any]) -> None:
    counts = ("-" if line[one] is None else f"{line[one]:,}" for one in SHOWN)
    shares = ("-" if line[one] is None else f"{line[one]:.1%}" for one in ("success_rate", "settled_rate"))
    shown.add_row(name, *counts, *shares)
