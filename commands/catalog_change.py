"""`qianmian catalog diff --city`, `approve`, and taking a catalogue into use: whose standing changes."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from catalog.catalogue import Catalogue
from catalog.lint import Finding, attributes_read
from catalog.lint import never_told as as_findings
from commands.console import OUT, Refusal, step, table
from features.statements import AttributeHistory
from features.told import never_told
from pipelines.catalogue_change.activation import Held, activate, measure
from pipelines.catalogue_change.hold import Hold
from pipelines.catalogue_change.hold import approve as note_approval
from pipelines.catalogue_change.impact import Impact
from pipelines.catalogue_change.population import is_peopled
from privacy.aggregates import SMALLEST as SMALLEST_CELL
from records.settings import Settings, now_in_utc, today_in_shanghai

_ITEMS_SHOWN: Final = 30
City = Annotated[
    bool, typer.Option("--city", help="Count whose standing changes among the recorded subjects.")
]


def put_to_use(settings: Settings, catalogue: Catalogue) -> None:
    """Make a catalogue the one in use; ends the command while it waits for approval."""
    try:
        with step("Taking the catalogue into use"):
            done = activate(settings, catalogue, today_in_shanghai(settings))
    except Held as held:
        _show(held.hold)
        raise Refusal(f"{held}; the catalogue in use stays") from held
    except ValueError as error:
        raise Refusal(str(error)) from error
    if done.unread is not None:
        OUT.print(f"[yellow]what changes was not measured: {done.unread}[/]", highlight=False)
    if done.hold is not None:
        _show(done.hold)


def show_impact(settings: Settings, old: Catalogue, new: Catalogue) -> None:
    """Count whose standing changes from one catalogue to the other, by group, and say whether it is held."""
    if not is_peopled(settings):
        raise Refusal("nobody is recorded: make a city or ingest tables first, then count again")
    try:
        with step("Judging everybody by both catalogues"):
            hold = measure(settings, old, new, today_in_shanghai(settings))
    except ValueError as error:
        raise Refusal(str(error)) from error
    _show(hold)


def silent_registers(settings: Settings, catalogue: Catalogue) -> tuple[Finding, ...]:
    """The attributes that rules read and that no recorded register has ever told."""
    if not is_peopled(settings):
        raise Refusal("no register is recorded: make a city or ingest tables first, then look again")
    history = AttributeHistory(settings.attributes_path, catalogue)
    silent = never_told(history, attributes_read(catalogue))
    return as_findings(attribute.name for attribute in silent)


def approve(
    version: Annotated[str, typer.Argument(help="The version of the new catalogue.")],
    by: Annotated[str, typer.Option(help="Who agrees: a name a second person does not share.")],
) -> None:
    """Agree to a catalogue that touches many people; two different people must before it takes effect."""
    settings = Settings()
    try:
        hold = note_approval(settings.catalogue_changes_path, version, by, now_in_utc(settings))
    except ValueError as error:
        raise Refusal(str(error)) from error
    OUT.print(f"[green]✓[/] approved by {', '.join(each.by for each in hold.approvals)}; {_state(hold)}")


def _state(hold: Hold) -> str:
    if not hold.held:
        return f"not held: it touches no more than {hold.limit:.1%} of people"
    if hold.open:
        return "it may take effect: run `qianmian catalog build`"
    return f"HELD: {hold.missing} more approval(s) by `qianmian catalog approve {hold.impact.new} --by NAME`"


def _show(hold: Hold) -> None:
    found = hold.impact
    for each in found.touched:
        OUT.print(
            f"{each.kind}s: {_told(each.touched)} of {each.people:,} touched (at most {each.share:.2%})",
            highlight=False,
        )
    _show_groups(found)
    _show_items(found)
    OUT.print(f"{found.old} → {found.new}, as of {found.on}: {_state(hold)}", highlight=False)


def _show_groups(found: Impact) -> None:
    shown = table(
        f"By group (–: below {SMALLEST_CELL}, or it would tell one that is)",
        "whose",
        "by",
        "group",
        "of",
        "touched",
    )
    for cell in found.groups:
        if cell.touched != 0:
            shown.add_row(cell.kind, cell.dimension, cell.group, _told(cell.people), _told(cell.touched))
    OUT.print(shown)


def _show_items(found: Impact) -> None:
    shown = table("By item", "item", "of", "before", "after", "how many")
    for change in found.items[:_ITEMS_SHOWN]:
        after = "other terms" if change.after == change.before else change.after
        shown.add_row(change.item, change.scope, change.before, after, _told(change.scope_items))
    OUT.print(shown)
    if len(found.items) > _ITEMS_SHOWN:
        OUT.print(f"  and {len(found.items) - _ITEMS_SHOWN} more changes, in the record of the version")


def _told(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"
