"""`qianmian homepage` and `qianmian assess`: what one subject's page shows, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from catalog.catalogue import Catalogue
from commands.console import OUT, Refusal, table
from commands.subject import parse_subject
from commands.trail import leave_trail
from models.recommendation import Entry, Homepage, Verdict
from records.subjects import UnknownSubject
from serving.desk import Known
from serving.errors import NotReady
from serving.parts import Parts, open_parts
from serving.settings import ServingSettings

Subject = Annotated[str, typer.Argument(help="citizen:ID or enterprise:ID")]
_MARKS = {
    Verdict.TRUE: "[green]holds[/]",
    Verdict.FALSE: "[red]does not hold[/]",
    Verdict.UNKNOWN: "[yellow]unknown[/]",
}
_SECTIONS = ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done")


def _opened() -> Parts:
    try:
        return open_parts(ServingSettings())
    except NotReady as error:
        raise Refusal(str(error)) from error


def _known(parts: Parts, subject: str) -> Known:
    named = parse_subject(subject)
    try:
        known = parts.desk.known(named.kind, named.id)
    except UnknownSubject as error:
        raise Refusal(f"no {named.kind} is called {named.id!r}") from error
    leave_trail(parts.settings, parts.engine, "subject.read", named.id, "assess")
    return known


def homepage(subject: Subject) -> None:
    """Show what a subject should do, can do and can finish at once."""
    parts = _opened()
    page = parts.desk.homepage_of(_known(parts, subject))
    for section in _SECTIONS:
        entries: tuple[Entry, ...] = getattr(page, section)
        if entries:
            OUT.print(_standing_table(section, entries, parts.catalogue))
    OUT.print(_footer(page), highlight=False)


def _standing_table(section: str, entries: tuple[Entry, ...], catalogue: Catalogue) -> Table:
    shown = table(f"{section.replace('_', ' ')} ({len(entries)})", "item", "whose", "due", "missing", "why")
    for entry in entries:
        item = catalogue.items[entry.item]
        missing = (
            "nothing: ready"
            if entry.ready
            else ", ".join(catalogue.evidence_types[each].names.zh for each in entry.missing)
        )
        reason = "; ".join(each.text.zh for each in entry.reasons)
        shown.add_row(item.names.zh, entry.label or "", str(entry.due_on or ""), missing, reason)
    return shown


def _footer(page: Homepage) -> str:
    degraded = f"; {', '.join(page.degraded)}" if page.degraded else ""
    return (
        f"[dim]as of {page.on}; ordered by {page.ordered_by}{degraded}; catalogue {page.catalogue_version}[/]"
    )


def assess(
    subject: Subject,
    item: Annotated[str | None, typer.Argument(help="One item; all of them otherwise.")] = None,
) -> None:
    """Judge a subject by the rules, criterion by criterion."""
    parts = _opened()
    known = _known(parts, subject)
    if item is not None and item not in parts.catalogue.items:
        raise Refusal(f"no item is called {item!r}")
    for scope_item in known.assess.scope_items:
        verdicts = known.judgement.verdicts(scope_item.id)
        chosen = {key: verdict for key, verdict in verdicts.items() if item in (None, key)}
        if not chosen:
            continue
        shown = table(
            f"{scope_item.scope} {scope_item.label or scope_item.id}", "item", "verdict", "would settle it"
        )
        for key, verdict in sorted(chosen.items(), key=lambda pair: (-pair[1], pair[0])):
            unknown = known.judgement.unknown(scope_item.id, key) if verdict is Verdict.UNKNOWN else ()
            shown.add_row(key, _MARKS[verdict], ", ".join(unknown))
        OUT.print(shown)
