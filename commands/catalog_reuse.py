"""`qianmian catalog reuse`: what is asked for again and again, and what sharing it would save."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from catalog.catalogue import Catalogue
from catalog.offices import offices_in, offices_of
from catalog.public_service import PublicService
from catalog.reuse import Asked, Office, Reuse, reuse
from commands.console import OUT, Refusal, table
from privacy.aggregates import SMALLEST
from records.case_counts import cases_opened
from records.database import open_records, reading
from records.settings import Settings, now_in_utc

_YEAR: Final = dt.timedelta(days=365)
_WAYS: Final = {
    "fetched": "already fetched",
    "share": "its holder could share it",
    "keep": "bring once, keep",
}
_FIRST: Final = 3


def yearly_cases(settings: Settings, catalogue: Catalogue) -> dict[str, float]:
    """The cases of the last year by item, from the records of those who let statistics be made."""
    until = now_in_utc(settings)
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            counts = cases_opened(connection, catalogue, until - _YEAR, until)
    finally:
        engine.dispose()
    if not counts:
        raise Refusal(
            f"no item has cases of {SMALLEST} subjects in the last year who let statistics be made: "
            "ingest the records, or give --counts"
        )
    return {item: float(count) for item, count in counts.items()}


def read_counts(path: Path, catalogue: Catalogue) -> dict[str, float]:
    """Yearly cases from a CSV with the columns item, count; ends the command with every bad row named."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"item", "count"} <= set(reader.fieldnames or ()):
            raise Refusal(f"{path.name} has no columns item and count: write them in its first row")
        rows = list(reader)
    counts: dict[str, float] = {}
    faults = []
    for number, row in enumerate(rows, start=2):
        item, count = (row["item"] or "").strip(), (row["count"] or "").strip()
        if item not in catalogue.items:
            faults.append(f"{path.name}:{number}: no item is called {item!r} -> correct it or remove the row")
        elif item in counts:
            faults.append(f"{path.name}:{number}: {item!r} is there twice -> keep one of the two")
        elif not count.isdecimal():
            faults.append(f"{path.name}:{number}: {count!r} is no count -> write digits only")
        else:
            counts[item] = float(count)
    if faults:
        raise Refusal("\n".join([f"{len(faults)} fault(s)", *faults]))
    return counts


def show_reuse(found: Reuse, top: int) -> None:
    """Print the three maps, the first `top` rows of each."""
    unit = "yearly cases" if found.weighting == "cases" else "items, each counted once"
    OUT.print(f"[bold]Weighted by {unit}[/]", highlight=False)
    if found.uncounted:
        OUT.print(f"{len(found.uncounted)} items left out: how many cases they have is not known")
    _show("材料图谱 · papers", found.papers, top)
    _show("数据图谱 · form fields", found.fields, top)
    _show_offices(found.offices, top)


def _show(title: str, asked: tuple[Asked, ...], top: int) -> None:
    totals = {way: sum(each.saved for each in asked if each.way == way) for way in _WAYS}
    shown = table(title, "what", "held by", "items", "submissions", "saved", "how", "asked most by")
    for each in asked[:top]:
        most = "、".join(list(each.askers)[:_FIRST])
        cells = (
            f"{len(each.items)}",
            f"{each.submissions:,.0f}",
            f"{each.saved:,.0f}",
            _WAYS[each.way],
            most,
        )
        shown.add_row(f"{each.names.zh} [dim]{each.id}[/]", "、".join(each.holders) or "-", *cells)
    OUT.print(shown)
    told = "; ".join(f"{words}: {totals[way]:,.0f}" for way, words in _WAYS.items() if totals[way])
    OUT.print(f"  submissions saved: {told}\n", highlight=False)


def _show_offices(offices: tuple[Office, ...], top: int) -> None:
    columns = (
        "office",
        "services",
        "obligations",
        "policies",
        "with others",
        "issues",
        "holds",
        "asks of others",
    )
    shown = table("权责图谱 · offices", *columns)
    for office in offices[:top]:
        counts = (len(office.services), office.obligations, len(office.policies), office.with_others)
        more = (len(office.papers_issued), len(office.fields_held))
        shown.add_row(office.name, *map(str, (*counts, *more)), f"{office.asks_others:,.0f}")
    OUT.print(shown)


def print_json(found: Reuse) -> None:
    """Print everything as JSON, for programs."""
    typer.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))


Cases = Annotated[
    bool, typer.Option("--cases", help="Weigh items by their cases of the last year in the records.")
]
Counts = Annotated[
    Path | None, typer.Option(help="Weigh items by a CSV with the columns item, count.", exists=True)
]
Top = Annotated[int, typer.Option(min=1, help="How many rows of each map to show.")]
Of = Annotated[
    str | None, typer.Option("--office", help="Everything one office answers for, issues and holds.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


@dataclass(frozen=True, slots=True)
class Asking:
    """How to weigh, and what to print."""

    cases: bool
    counts: Path | None
    top: int
    as_json: bool
    office: str | None


def report_reuse(catalogue: Catalogue, asking: Asking) -> None:
    """Weigh as asked, and print as asked; ends the command for an office nobody knows."""
    cases, counts = asking.cases, asking.counts
    if cases and counts is not None:
        raise Refusal("--cases and --counts exclude each other: name one")
    weights = None if counts is None else read_counts(counts, catalogue)
    found = reuse(catalogue, yearly_cases(Settings(), catalogue) if cases else weights)
    if asking.as_json:
        print_json(found)
    elif asking.office is not None:
        _show_office(found, catalogue, asking.office)
    else:
        show_reuse(found, asking.top)


def _show_office(found: Reuse, catalogue: Catalogue, name: str) -> None:
    named = [office for office in found.offices if office.name in offices_in(name)]
    if not named:
        raise Refusal(
            f"no office is called {name!r}; there are {'、'.join(each.name for each in found.offices)}"
        )
    for office in named:
        shown = table(f"权责图谱 · {office.name}", "item", "name", "nature", "answers for it")
        for identifier in (*office.services, *office.policies):
            item = catalogue.items[identifier]
            nature = str(item.nature) if isinstance(item, PublicService) else "support policy"
            shown.add_row(identifier, item.names.zh, nature, "、".join(offices_of(item)))
        OUT.print(shown)
        OUT.print(f"  issues {'、'.join(office.papers_issued) or '-'}", highlight=False)
        OUT.print(f"  holds {'、'.join(office.fields_held) or '-'}", highlight=False)
