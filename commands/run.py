"""`qianmian run`: from nothing to two living homepages, on a synthetic city."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from catalog import artefact
from commands.catalog import DATA, loaded, summary
from commands.catalog_change import put_to_use
from commands.check import check as fetch_pages
from commands.console import OUT, Refusal, step
from commands.daily import run_steps
from commands.sample_home import Marker, SampleHome
from commands.serve import serve, serving_settings
from commands.steps import (
    WORLDS,
    evaluate_models,
    make_city,
    materialise_features,
    promote_models,
    read_world,
    run_ingest,
    show_evaluated,
    show_promoted,
    show_trained,
    train_models,
)
from pipelines.daily.run import has_failed
from records.arrivals import finish_received_before
from records.database import open_records, writing
from records.settings import Settings, today_in_shanghai


def run(
    check: Annotated[
        bool, typer.Option(help="Fetch a page of each kind and stop, instead of serving.")
    ] = False,
    fresh: Annotated[bool, typer.Option(help="Make everything anew, even if a run is complete.")] = False,
    world: Annotated[Path, typer.Option(help="The world's knobs, a YAML file.")] = WORLDS / "default.yaml",
    seed: Annotated[int, typer.Option(help="The same seed makes the same city.")] = 1,
) -> None:
    """Build the catalogue and a sample city, train, evaluate, promote, and serve the homepages."""
    settings = Settings()
    home = SampleHome(settings)
    finished = home.finished()
    if finished is None or fresh:
        _prepare(settings, home, world, seed)
    else:
        OUT.print(
            f"A sample run of {finished.as_of} is complete in {settings.home}; --fresh makes it anew.",
            highlight=False,
        )
        _renew_catalogue(settings)
    if check:
        fetch_pages(serving_settings())
    else:
        serve()


def _prepare(settings: Settings, home: SampleHome, world: Path, seed: int) -> None:
    started = perf_counter()
    on = _last_whole_day(settings)
    marker = Marker(state="under_way", world=world.stem, seed=seed, as_of=on.isoformat())
    home.begin(marker)
    _build_catalogue(settings)
    taken_in = _fill(settings, world, seed, on)
    _learn(settings, on, seed)
    _tell(settings, taken_in)
    home.complete(marker)
    OUT.print(
        f"\n[bold green]Done[/] in {perf_counter() - started:.0f} s; everything is in {settings.home}",
        highlight=False,
    )


def _last_whole_day(settings: Settings) -> dt.date:
    """The city lives up to the evening of this day, so it must be over: nobody has acted tomorrow."""
    return settings.today or today_in_shanghai(settings) - dt.timedelta(days=1)


def _build_catalogue(settings: Settings) -> None:
    """A run that begins anew has nobody yet whose standing a catalogue could change."""
    with step("Building the catalogue"):
        catalogue = loaded(DATA)
        artefact.save(catalogue, settings.catalogue_path)
    OUT.print(f"  {summary(catalogue)}", highlight=False)


def _renew_catalogue(settings: Settings) -> None:
    """The YAML may have changed since: as with `catalog build`, what touches many waits for approval."""
    catalogue = loaded(DATA)
    put_to_use(settings, catalogue)
    OUT.print(f"  {summary(catalogue)}", highlight=False)


def _fill(settings: Settings, world: Path, seed: int, on: dt.date) -> dt.datetime:
    """When all tables of the city had been taken in; its features are materialised then."""
    with step("Making the sample city (synthetic)") as advance:
        city = make_city(settings, read_world(world), seed, on, advance)
    with step("Taking in its tables") as advance:
        taken = run_ingest(city.out, settings, advance)
    quarantined = sum(counts.quarantined for counts in taken.tables.values())
    accepted = sum(counts.accepted for counts in taken.tables.values())
    OUT.print(f"  {accepted:,} rows taken in, {quarantined:,} quarantined", highlight=False)
    if taken.refused:
        raise Refusal("; ".join(f"{fault.file}: {fault.text.en}" for fault in taken.refused))
    taken_in = dt.datetime.now(dt.UTC)
    with step("Materialising the features") as advance:
        materialise_features(settings, advance)
    return taken_in


def _learn(settings: Settings, on: dt.date, seed: int) -> None:
    with step("Training the recommenders") as advance:
        trained = train_models(settings, on, seed, advance)
    show_trained(trained)
    with step("Evaluating them") as advance:
        evaluated = evaluate_models(settings, on, advance)
    show_evaluated(evaluated)
    with step("Promoting what passed the gates") as advance:
        promoted = promote_models(settings, advance)
    show_promoted(promoted)


def _tell(settings: Settings, taken_in: dt.datetime) -> None:
    """Everybody is told once what is due today, so that the two homepages have a live inbox.

    With that, what the tables brought has been acted on for all: the worker need not do it again one by one.
    """
    if has_failed(run_steps(settings, today_in_shanghai(settings), ("score", "difference"))):
        raise Refusal("not everybody was told what is due today: run `qianmian daily`")
    engine = open_records(settings)
    try:
        with writing(engine) as connection:
            finish_received_before(connection, taken_in)
    finally:
        engine.dispose()
