"""`qianmian campaign`: count an audience, draft, approve, release stages, stop, and see what came of it."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from sqlalchemy import Connection, Engine

from catalog.audience import AudienceError, parse_audience
from catalog.vocabulary import Names, SubjectKind
from commands.catalog import compiled
from commands.console import OUT, Refusal, step, table
from commands.steps import AsOf
from commands.trail import leave_trail
from pipelines.campaign import work_on_campaigns
from records.audience_previews import ask_preview, preview_with_id
from records.audit_encoding import Scalar
from records.campaign_checks import check_draft
from records.campaigns import (
    STAGES,
    CampaignRefused,
    Draft,
    UnknownCampaign,
    all_campaigns,
    approve_campaign,
    campaign_with_id,
    draft_campaign,
    release_stage,
    stop_campaign,
)
from records.database import open_records, writing
from records.settings import Settings, moment_of_writing, today_in_shanghai

app = typer.Typer(no_args_is_help=True, help="Tell an audience of a benefit or duty, in stages, safely.")
Kind = Annotated[SubjectKind, typer.Argument(help="citizen or enterprise")]
Audience = Annotated[str, typer.Argument(help="A condition, as in the catalogue: age >= 60 AND ...")]
CampaignId = Annotated[str, typer.Argument(help="The campaign's id.")]
_Result = TypeVar("_Result")


@app.command()
def preview(kind: Kind, audience: Audience) -> None:
    """Count how many an audience is, now; too few to be told are not."""
    settings = Settings()
    try:
        parse_audience(audience, kind, compiled(settings))
    except AudienceError as error:
        raise Refusal(str(error)) from error
    at = moment_of_writing(settings)
    asked = _done(settings, "preview", None, lambda c: ask_preview(c, kind, audience, _me(), at))
    _work(settings, None)
    found = _done(settings, "preview.read", asked.id, lambda c: preview_with_id(c, asked.id))
    shown = "too few to be told" if found.reached is None else f"about {found.reached:,}"
    of = "" if found.people is None else f" of about {found.people:,} who may be counted"
    OUT.print(f"  {found.id}: {shown}{of}", highlight=False)


class DraftFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draft as written: what is told to whom, in which stages, and the share that is told nothing."""

    kind: SubjectKind
    item: str
    audience: str
    names: Names
    reason: Names
    stages: tuple[float, ...] = STAGES
    hold_out: float = 0.0


@app.command()
def draft(
    file: Annotated[
        Path, typer.Argument(exists=True, help="YAML: kind, item, audience, names, reason, stages, hold_out.")
    ],
) -> None:
    """Draft a campaign; somebody else has to approve it."""
    settings = Settings()
    try:
        written = msgspec.yaml.decode(file.read_bytes(), type=DraftFile)
        made = Draft(**msgspec.structs.asdict(written))
        check_draft(made, compiled(settings))
    except (msgspec.MsgspecError, CampaignRefused) as error:
        raise Refusal(f"{file}: {error}") from error
    at = moment_of_writing(settings)
    one = _done(settings, "drafted", None, lambda c: draft_campaign(c, made, _me(), at))
    OUT.print(f"[green]✓[/] {one.id} drafted; a second person approves it", highlight=False)


@app.command()
def approve(campaign: CampaignId) -> None:
    """Approve somebody else's draft."""
    settings = Settings()
    at = moment_of_writing(settings)
    _done(settings, "approved", campaign, lambda c: approve_campaign(c, campaign, _me(), at))
    OUT.print(f"[green]✓[/] {campaign} approved", highlight=False)


@app.command()
def send(campaign: CampaignId, stage: Annotated[int, typer.Argument(help="From 1.", min=1)]) -> None:
    """Release a stage and send it."""
    settings = Settings()
    _done(settings, "released", campaign, lambda c: release_stage(c, campaign, stage), stage=stage)
    _work(settings, None)


@app.command()
def stop(campaign: CampaignId) -> None:
    """Stop a campaign at once."""
    settings = Settings()
    at = moment_of_writing(settings)
    _, cancelled = _done(settings, "stopped", campaign, lambda c: stop_campaign(c, campaign, _me(), at))
    OUT.print(f"[green]✓[/] {campaign} stopped; {cancelled:,} messages do not go out", highlight=False)


@app.command()
def work(as_of: AsOf = None) -> None:
    """Do what was asked for through the interface: count audiences, send released stages, count funnels."""
    _work(Settings(), as_of)


@app.command()
def funnel(campaign: CampaignId) -> None:
    """Show what came of a campaign, as counted last."""
    one = _done(Settings(), "funnel.read", campaign, lambda c: campaign_with_id(c, campaign))
    if one.funnel is None:
        raise Refusal(f"nothing of {campaign} was counted yet: run `qianmian campaign work`")
    shown = table(f"{campaign} as of {one.counted_at}", "", *one.funnel["arms"])
    for measure in one.funnel["arms"]["told"]:
        counts = (arm[measure] for arm in one.funnel["arms"].values())
        shown.add_row(measure, *("-" if count is None else f"{count:,}" for count in counts))
    OUT.print(shown)
    if (found := one.funnel["uplift"]) is not None:
        interval = f"{found['low']:+.1%} to {found['high']:+.1%}"
        OUT.print(f"  uplift of completions {found['difference']:+.1%} (95 % {interval})", highlight=False)


@app.command("list")
def listed() -> None:
    """List every campaign."""
    shown = table("Campaigns", "id", "kind", "item", "state", "stages sent", "hold-out")
    for one in _done(Settings(), "listed", None, all_campaigns):
        stages = f"{one.sent} of {len(one.draft.stages)}"
        shown.add_row(one.id, one.draft.kind, one.draft.item, one.state, stages, f"{one.draft.hold_out:.0%}")
    OUT.print(shown)


def _work(settings: Settings, as_of: AsOf) -> None:
    on = as_of.date() if as_of else today_in_shanghai(settings)
    with step("Working on campaigns"):
        done = campaigns_worked(settings, on)
    OUT.print(f"  {done}", highlight=False)


def campaigns_worked(settings: Settings, on: dt.date) -> str:
    """Do what there is to do on campaigns; what it came to, in words."""
    report = work_on_campaigns(settings, compiled(settings), on, moment_of_writing(settings))
    return (
        f"{report.previews} audiences counted, {report.sent.told:,} subjects told, "
        f"{report.sent.held_out:,} held out, {report.funnels} funnels counted"
    )


def _me() -> str:
    """Who is at the keyboard: two people have two accounts at the machine."""
    return f"console:{getpass.getuser()}"


def _done(
    settings: Settings,
    action: str,
    campaign: str | None,
    work: Callable[[Connection], _Result],
    **said: Scalar,
) -> _Result:
    """Do it after its line in the audit was written; ends the command where it is refused."""
    with _records(settings) as engine:
        detail: dict[str, Scalar] = {**({"campaign": campaign} if campaign else {}), **said}
        leave_trail(settings, engine, f"campaign.{action}", purpose="aggregate", detail=detail)
        try:
            with writing(engine) as connection:
                return work(connection)
        except (CampaignRefused, UnknownCampaign) as error:
            raise Refusal(str(error)) from error


@contextmanager
def _records(settings: Settings) -> Iterator[Engine]:
    engine = open_records(settings)
    try:
        yield engine
    finally:
        engine.dispose()
