"""`qianmian catalog`: check, compile and look into the catalogue."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.syntax import Syntax

import catalog
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.difference import difference
from catalog.exporters.cpsv_ap import to_cpsv_ap
from catalog.faults import CatalogueError
from catalog.importers.cpsv_ap import import_cpsv_ap
from catalog.importers.report import ImportReport
from catalog.importers.usagov import import_usagov
from catalog.lint import lint as find_doubts
from catalog.loader import load_catalogue
from catalog.synthesize import synthesize as vary
from catalog.wording import describe, lexicon
from commands.catalog_change import City, approve, put_to_use, show_impact, silent_registers
from commands.catalog_reuse import AsJson, Asking, Cases, Counts, Of, Top, report_reuse
from commands.catalog_template import take_spreadsheet, template
from commands.console import ERR, OUT, Refusal, step, table
from records.settings import Settings, today_in_shanghai

DATA: Final = Path(catalog.__file__).parent / "data"
app = typer.Typer(no_args_is_help=True, help="Check, compile and look into the catalogue.")
app.command()(template)
app.command()(approve)
Folder = Annotated[Path, typer.Argument(help="A folder of catalogue YAML.")]


def loaded(folder: Path) -> Catalogue:
    """The catalogue of a folder; ends the command with every fault named when there are any."""
    try:
        return load_catalogue(folder)
    except CatalogueError as error:
        for fault in error.faults:
            ERR.print(
                f"[bold]{folder.name}/{fault.file}:{fault.line}[/] {fault.what}\n    → {fault.remedy}",
                highlight=False,
            )
        raise Refusal(f"{len(error.faults)} fault(s); nothing was built") from error


def compiled(settings: Settings) -> Catalogue:
    """The compiled catalogue; ends the command with the remedy when there is none."""
    try:
        return artefact.load(settings.catalogue_path)
    except FileNotFoundError as error:
        raise Refusal("there is no compiled catalogue yet: run `qianmian catalog build`") from error
    except artefact.ArtefactError as error:
        raise Refusal(str(error)) from error


def summary(catalogue: Catalogue) -> str:
    """How much a catalogue holds, in one line."""
    confirmed = sum(item.status == "confirmed" for item in catalogue.items.values())
    return (
        f"{confirmed} items ({len(catalogue.public_services)} public services, "
        f"{len(catalogue.support_policies)} support policies; "
        f"{len(catalogue.items) - confirmed} of these unverified), "
        f"{len(catalogue.events)} events, {len(catalogue.attributes)} attributes, "
        f"{len(catalogue.evidence_types)} evidence types; version {catalogue.version}"
    )


@app.command()
def validate(folder: Folder = DATA) -> None:
    """Check a catalogue folder and name every fault with file, line and remedy."""
    OUT.print(f"[green]✓[/] {summary(loaded(folder))}", highlight=False)


@app.command()
def build(
    folder: Folder = DATA,
    out: Annotated[Path | None, typer.Option(help="Where to write it; the run-time home otherwise.")] = None,
) -> None:
    """Compile a catalogue folder into the one artefact that everything else reads.

    Taken into use (without --out), it waits for approval if it changes the standing of many.
    """
    catalogue = loaded(folder)
    settings = Settings()
    target = out or settings.catalogue_path
    if out is None:
        put_to_use(settings, catalogue)
    else:
        artefact.save(catalogue, target)
    OUT.print(f"[green]✓[/] {summary(catalogue)}\n  {target}", highlight=False)


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(help="An item, event, attribute or evidence type.")],
) -> None:
    """Show one thing of the compiled catalogue."""
    catalogue = compiled(Settings())
    for shelf in (catalogue.items, catalogue.events, catalogue.attributes, catalogue.evidence_types):
        if identifier in shelf:
            text = msgspec.yaml.encode(msgspec.to_builtins(shelf[identifier])).decode()
            OUT.print(Syntax(text, "yaml", background_color="default"))
            return
    near = [
        name for name in (*catalogue.items, *catalogue.events, *catalogue.attributes) if identifier in name
    ]
    raise Refusal(f"nothing is called {identifier!r}" + (f"; near: {', '.join(near[:8])}" if near else ""))


@app.command()
def lint(
    folder: Folder = DATA,
    city: Annotated[
        bool, typer.Option("--city", help="Also what no register of the recorded city has ever told.")
    ] = False,
) -> None:
    """Name what is doubtful in a catalogue that loads: expired, unsatisfiable, shadowed ..."""
    catalogue, settings = loaded(folder), Settings()
    findings = find_doubts(catalogue, today_in_shanghai(settings))
    if city:
        findings = (*findings, *silent_registers(settings, catalogue))
    found = table(f"{len(findings)} to look at", "kind", "where", "what", "remedy")
    for finding in findings:
        found.add_row(finding.kind, finding.id, finding.what, finding.remedy)
    OUT.print(found)


@app.command()
def diff(old: Path, new: Path, city: City = False) -> None:
    """Show what changed between two catalogues (folders, or compiled artefacts), and for whom."""
    before, after = _either(old), _either(new)
    changes = difference(before, after)
    shown = table(f"{len(changes)} change(s)", "where", "id", "kind", "field", "before", "after")
    for change in changes:
        mark = "[bold]" if change.judging else "[dim]"
        shown.add_row(
            change.table, f"{mark}{change.id}[/]", change.kind, change.field, change.before, change.after
        )
    OUT.print(shown)
    judging = sum(change.judging for change in changes)
    OUT.print(f"{judging} of them can change somebody's standing")
    if city:
        show_impact(Settings(), before, after)


def _either(path: Path) -> Catalogue:
    return loaded(path) if path.is_dir() else artefact.load(path)


@app.command()
def reuse(
    folder: Folder = DATA,
    cases: Cases = False,
    counts: Counts = None,
    top: Top = 20,
    office: Of = None,
    as_json: AsJson = False,
) -> None:
    """Rank papers and form fields by the submissions sharing them would save, and map offices to items."""
    report_reuse(loaded(folder), Asking(cases, counts, top, as_json, office))


@app.command()
def synthesize(
    out: Annotated[Path, typer.Argument(help="The artefact to write.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same catalogue.")] = 1,
    services: int = 4_000,
    policies: int = 23_000,
) -> None:
    """Make a catalogue of a city's size for scale tests, by varying the real one; never served."""
    with step("Varying the catalogue"):
        made = vary(loaded(DATA), seed, services, policies)
        artefact.save(made, out)
    OUT.print(f"[green]✓[/] {summary(made)}\n  {out}", highlight=False)


class Format(StrEnum):
    """Whose notation a foreign catalogue is in."""

    USAGOV = "usagov"
    CPSV_AP = "cpsv-ap"
    SPREADSHEET = "spreadsheet"


@app.command("import")
def import_(
    notation: Annotated[Format, typer.Argument(help="Whose notation the source is in.")],
    source: Annotated[Path, typer.Argument(help="The content folder, document or workbook.", exists=True)],
    out: Annotated[Path, typer.Argument(help="The catalogue folder to write.")],
) -> None:
    """Turn somebody else's catalogue into a folder of ours, and say what became of each condition."""
    if out.exists() and any(out.iterdir()):
        raise Refusal(f"{out} is not empty: name a new folder")
    try:
        if notation is Format.SPREADSHEET:
            take_spreadsheet(source, out)
        else:
            _show_import(
                import_usagov(source, out) if notation is Format.USAGOV else import_cpsv_ap(source, out)
            )
    except ValueError as error:
        raise Refusal(str(error)) from error
    OUT.print(f"[green]✓[/] {summary(loaded(out))}", highlight=False)


def _show_import(report: ImportReport) -> None:
    found = table("To look at", "where", "what", "done")
    for finding in report.findings:
        found.add_row(finding.where, finding.what, finding.done)
    if report.findings:
        OUT.print(found)
    OUT.print(
        f"{report.items} items, {report.events} events, {report.kept} of {report.conditions} conditions kept"
    )


@app.command()
def export(out: Annotated[Path, typer.Argument(help="The JSON-LD document to write.")]) -> None:
    """Write the compiled catalogue as CPSV-AP 3.2 in JSON-LD."""
    catalogue = compiled(Settings())
    names = lexicon(catalogue, today_in_shanghai(Settings()))
    document = to_cpsv_ap(catalogue, lambda criterion: describe(criterion.predicate, names))
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf8")
    OUT.print(f"[green]✓[/] {summary(catalogue)}\n  {out}", highlight=False)
