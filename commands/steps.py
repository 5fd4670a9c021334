"""The verbs of the pipeline, a step each: city, ingest, features, train, evaluate, promote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Final

import typer

import pipelines.city
from commands.catalog import compiled
from commands.console import ERR, OUT, Advance, Refusal, step, table
from commands.off_policy import evaluate_off_policy
from pipelines.city.build import CityReport
from pipelines.city.build import build as build_city
from pipelines.city.world import World
from pipelines.city.world_loader import WorldError, load_world
from pipelines.evaluate.run import EvaluateReport
from pipelines.evaluate.run import evaluate as measure
from pipelines.features.materialise import MaterialiseReport, materialise
from pipelines.ingest import IngestRefused, IngestReport
from pipelines.ingest import ingest as take_in
from pipelines.promote import NothingToRestore, PromoteReport
from pipelines.promote import promote as pass_gates
from pipelines.train import TrainReport
from pipelines.train import train as learn
from records.settings import Settings, now_in_utc, today_in_shanghai

WORLDS: Final = Path(pipelines.city.__file__).parent / "worlds"
Seed = Annotated[int, typer.Option(help="The same seed makes the same result.")]


def city(
    world: Annotated[Path, typer.Option(help="The world's knobs, a YAML file.")] = WORLDS / "default.yaml",
    seed: Seed = 1,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last simulated day; today otherwise."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; under the run-time home otherwise.")
    ] = None,
) -> None:
    """Make a synthetic city: subjects whose lives unfold, and the records they leave."""
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    with step("Making the sample city") as advance:
        report = make_city(settings, read_world(world), seed, on, advance, out)
    OUT.print(f"  synthetic; {_counts(report)}\n  {report.out}", highlight=False)


def read_world(path: Path) -> World:
    """The world of a file; ends the command with every fault when there are any."""
    try:
        return load_world(path)
    except WorldError as error:
        raise Refusal(str(error)) from error


def make_city(
    settings: Settings, world: World, seed: int, on: dt.date, advance: Advance, out: Path | None = None
) -> CityReport:
    """Simulate a world up to a day; ends the command when the world does not fit the catalogue."""
    try:
        return build_city(
            world,
            compiled(settings),
            seed,
            on,
            out or settings.city_path / world.world,
            lambda what, done, total: advance(what, done / max(total, 1)),
        )
    except WorldError as error:
        raise Refusal(str(error)) from error


def _counts(report: CityReport) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in report.rows.items() if "/" not in name)


def ingest(
    source: Annotated[
        Path, typer.Argument(help="A folder of tables, or one CSV or Parquet file.", exists=True)
    ],
) -> None:
    """Take in tables: good rows go in, bad rows go to quarantine with their reasons."""
    settings = Settings()
    with step("Taking in the tables") as advance:
        report = run_ingest(source, settings, advance)
    show_ingest(report)
    if report.refused:
        raise Refusal(f"{len(report.refused)} fault(s) of whole files: those files were left out")


def run_ingest(source: Path, settings: Settings, advance: Advance) -> IngestReport:
    """Take in a folder or file; files that were refused are in the report."""
    try:
        return take_in(source, settings, compiled(settings), now_in_utc(settings), advance)
    except IngestRefused as refused:
        return refused.report


def show_ingest(report: IngestReport) -> None:
    """Print what went in, table by table, and what did not."""
    shown = table("", "table", "read", "accepted", "unchanged", "quarantined")
    for name, counts in report.tables.items():
        marked = f"[red]{counts.quarantined:,}[/]" if counts.quarantined else "0"
        shown.add_row(name, f"{counts.read:,}", f"{counts.accepted:,}", f"{counts.unchanged:,}", marked)
    OUT.print(shown)
    for file in report.files:
        if file.quarantine is not None:
            reasons = ", ".join(f"{reason} x {count}" for reason, count in file.reasons.items())
            OUT.print(f"  [yellow]{file.file}[/]: {reasons}\n    {file.quarantine}", highlight=False)
    if report.erased_again:
        OUT.print(
            f"  {report.erased_again} closed account(s) had come back with these tables and are erased again",
            highlight=False,
        )
    for fault in report.refused:
        ERR.print(f"[red]{fault.file}[/]: {fault.text.en} ({fault.text.zh})", highlight=False)


def materialise_features(settings: Settings, advance: Advance) -> MaterialiseReport:
    """Bring the feature store to what is known now."""
    return materialise(settings, compiled(settings), now_in_utc(settings), advance)


def features() -> None:
    """Pack the registers' latest statements online, and write the features models train on."""
    settings = Settings()
    with step("Materialising the features") as advance:
        report = materialise_features(settings, advance)
    for view in report.profiles:
        OUT.print(f"  {view.view}: {view.scope_items:,} scope items", highlight=False)


AsOf = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day to use; today otherwise.")
]


def train(as_of: AsOf = None, seed: Seed = 1) -> None:
    """Train the recommenders on what the mask lets training see, and register them as challengers."""
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    with step("Training the recommenders") as advance:
        report = train_models(settings, on, seed, advance)
    show_trained(report)


def train_models(settings: Settings, on: dt.date, seed: int, advance: Advance) -> TrainReport:
    """Train on all that is recorded up to a day."""
    return learn(settings, compiled(settings), on, seed, advance)


def show_trained(report: TrainReport) -> None:
    """Print what was registered, and what there was too little to learn."""
    for model in report.models:
        version = f"version {model.version}" if model.version else "[yellow]not trained[/]"
        OUT.print(f"  {model.model}: {version} [dim]{model.seconds:.0f} s[/]", highlight=False)
        for name, why in model.left_out.items():
            OUT.print(f"    left out {name}: {why}", highlight=False)


def promote(
    rollback: Annotated[bool, typer.Option(help="Put the champions before back instead.")] = False,
) -> None:
    """Make each challenger that passes every gate the champion, and export it to serving."""
    settings = Settings()
    try:
        with step("Rolling back" if rollback else "Promoting what passes the gates") as advance:
            report = promote_models(settings, advance, rollback=rollback)
    except NothingToRestore as error:
        raise Refusal(str(error)) from error
    show_promoted(report)
    if report.refused:
        raise typer.Exit(code=1)


def promote_models(settings: Settings, advance: Advance, *, rollback: bool = False) -> PromoteReport:
    """Promote every model's challenger, or take the last promotion back."""
    return pass_gates(settings, rollback=rollback, progress=advance)


def show_promoted(report: PromoteReport) -> None:
    """Print each decision with the numbers of its gates."""
    for decision in report.decisions:
        mark = "[green]✓[/]" if decision.promoted else "[yellow]–[/]"
        OUT.print(f"  {mark} {decision.model} {decision.version or ''}: {decision.says}", highlight=False)
        for gate in decision.gates:
            OUT.print(f"      {'✓' if gate.passed else '✗'} {gate.name}: {gate.says}", highlight=False)


def evaluate(
    as_of: AsOf = None,
    off_policy: Annotated[
        bool, typer.Option("--off-policy", help="Judge other orders of the pages shown, from the log.")
    ] = False,
) -> None:
    """Judge every challenger on what happened since it was trained, beside baselines and champion."""
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    if off_policy:
        evaluate_off_policy(settings, on)
        return
    with step("Evaluating the challengers") as advance:
        report = evaluate_models(settings, on, advance)
    show_evaluated(report)


def evaluate_models(settings: Settings, on: dt.date, advance: Advance) -> EvaluateReport:
    """Evaluate on the records up to a day."""
    return measure(settings, compiled(settings), on, advance)


def show_evaluated(report: EvaluateReport) -> None:
    """Print each challenger's measure beside its baselines, with intervals."""
    for judged in report.evaluations:
        if judged.says:
            OUT.print(f"  {judged.model} {judged.version}: {judged.says}", highlight=False)
            continue
        shown = table(
            f"{judged.model} {judged.version} · {judged.measure}", "method", "mean", "95 % interval"
        )
        for name, found in judged.estimates.items():
            shown.add_row(name, f"{found.mean:.4f}", f"{found.low:.4f} to {found.high:.4f}")
        OUT.print(shown)
        for note in judged.notes:
            OUT.print(f"  {note}", highlight=False)
