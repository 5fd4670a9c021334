"""`qianmian serve`: the API and the homepages."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from pydantic import ValidationError
from sqlalchemy import Engine

from catalog.vocabulary import SubjectKind
from commands.console import OUT, Refusal
from commands.privacy import replay_if_restored
from commands.work import working
from pipelines.live.opening import is_embedded
from records.database import open_records, reading
from serving.app import create_app
from serving.logging_lines import configure_logging
from serving.samples import Sample, load_samples, offered
from serving.server import Server, server_config
from serving.settings import ServingSettings

PATHS = {SubjectKind.CITIZEN: "citizens", SubjectKind.ENTERPRISE: "enterprises"}


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; loopback only in development.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Also act on what comes in (`qianmian work`); unsaid: where the records are embedded.",
        ),
    ] = None,
) -> None:
    """Serve the API and the homepages."""
    settings = serving_settings(host, port)
    replay_if_restored(settings)
    print_addresses(settings)
    configure_logging(settings.log_level)
    with_worker = is_embedded(settings) if worker is None else worker
    with working(settings) if with_worker else nullcontext():
        Server(server_config(create_app(settings), settings)).run()


def serving_settings(host: str | None = None, port: int | None = None) -> ServingSettings:
    """The server's settings, the given ones first; ends the command with what is wrong with them."""
    given: dict[str, Any] = {
        name: value for name, value in (("host", host), ("port", port)) if value is not None
    }
    try:
        return ServingSettings(**given)
    except ValidationError as error:
        raise Refusal("; ".join(str(each["msg"]) for each in error.errors())) from error


def samples_of(settings: ServingSettings) -> tuple[Sample, ...]:
    """The subjects worth opening first."""
    engine: Engine = open_records(settings)
    try:
        with reading(engine) as connection:
            return offered(load_samples(settings.city_path), connection)
    finally:
        engine.dispose()


def address(settings: ServingSettings, sample: Sample) -> str:
    """Where a subject's homepage is; in development by way of the persona picker."""
    path = f"/{PATHS[sample.kind]}/{sample.id}"
    if not settings.own_issuer:
        return settings.address + path
    asked = urlencode({"as": f"{sample.kind.value}:{sample.id}", "next": path}, safe=":/")
    return f"{settings.address}/login?{asked}"


def print_addresses(settings: ServingSettings) -> None:
    """Print the front page and, in development, homepages of each kind of subject."""
    OUT.print(f"\n[bold]Qianmian 千面[/] {settings.address}/", highlight=False)
    if not settings.own_issuer:
        return
    OUT.print("  [yellow]Development[/]: anybody may sign in as anybody, on this machine", highlight=False)
    samples = samples_of(settings)
    for kind in SubjectKind:
        for sample in [each for each in samples if each.kind is kind][:2]:
            title = f"{sample.title.zh} · {sample.title.en}" if sample.title else str(kind)
            # An address broken over two lines cannot be followed.
            OUT.print(f"  {title}\n    {address(settings, sample)}", highlight=False, soft_wrap=True)
