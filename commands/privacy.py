"""`qianmian privacy`: what an operator does on subjects' data rights: answer requests, replay erasures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import Connection, Engine

from commands.console import OUT, Refusal, step, table
from records.arrivals import Came, note_arrivals
from records.audit import AuditEntry, audit_chain
from records.audit_encoding import Scalar
from records.database import open_records, reading, writing
from records.departures import (
    Departure,
    every_departure_of,
    record_departure,
    take_back_departure,
)
from records.erasure import erasing_for, is_restored, replay
from records.keys import Secrets, SecretsError, open_secrets
from records.requests import UnknownRequest, answer_request, open_requests
from records.settings import Settings, moment_of_writing, today_in_shanghai
from records.subjects import UnknownSubject, kind_of
from records.tables.vocabulary import DepartureKind

app = typer.Typer(no_args_is_help=True, help="Requests of subjects on their data, and erasures.")
Operator = Annotated[str, typer.Option("--by", help="Who does it, as the audit has it.")]


@app.command()
def requests() -> None:
    """List open requests, those due first first."""
    settings = Settings()
    with _records(settings) as engine, reading(engine) as connection:
        found = open_requests(connection)
    shown = table("Open requests", "id", "kind", "capacity", "due", "with")
    on = today_in_shanghai(settings)
    for one in found:
        late = " [bold red]late[/]" if one.due_on < on else ""
        due = f"{one.due_on}{' (provisional)' if one.provisional else ''}{late}"
        shown.add_row(one.id, one.kind, one.capacity, due, one.authority or "")
    OUT.print(shown)


@app.command()
def answer(
    request: Annotated[str, typer.Argument(help="The request's id.")],
    by: Operator,
    granted: Annotated[bool, typer.Option("--granted/--refused")],
    reason: Annotated[str | None, typer.Option(help="Why; a refusal must say.")] = None,
) -> None:
    """Answer a request."""
    settings = Settings()
    at = moment_of_writing(settings)
    said: dict[str, Scalar] = {"request": request, "granted": granted}
    with _records(settings) as engine, writing(engine) as connection:
        try:
            answer_request(connection, request, granted, reason, at)
        except (UnknownRequest, ValueError) as error:
            raise Refusal(str(error)) from error
        audit_chain(_secrets(settings)).append(
            connection, AuditEntry(at, "operator", by, "request answered", detail=said)
        )
    OUT.print(f"[green]✓[/] {request} answered", highlight=False)


@app.command()
def depart(
    subject: Annotated[str, typer.Argument(help="The subject's id.")],
    kind: Annotated[DepartureKind, typer.Argument(help="How they departed.")],
    by: Operator,
) -> None:
    """Note a death, dissolution or move away: every series to the subject ends at once."""
    settings = Settings()
    at = moment_of_writing(settings)
    with _records(settings) as engine, writing(engine) as connection:
        try:
            kind_of(connection, subject)
        except UnknownSubject as error:
            raise Refusal(str(error)) from error
        record_departure(connection, subject, Departure(kind, today_in_shanghai(settings)), at)
        note_arrivals(connection, [Came(subject, "departure", (subject,))])
        entry = AuditEntry(at, "operator", by, "departure", subject, detail={"kind": kind})
        audit_chain(_secrets(settings)).append(connection, entry)
    OUT.print("[green]✓[/] noted; nothing more is sent", highlight=False)


@app.command()
def undepart(
    subject: Annotated[str, typer.Argument(help="The subject's id.")],
    by: Operator,
    reason: Annotated[str, typer.Option(help="Why it was wrong; it names no person.")],
    source: Annotated[str | None, typer.Option(help="Whose word; needed where several say so.")] = None,
) -> None:
    """Take back a departure wrongly noted; what another source says stands, what was cancelled stays so."""
    settings = Settings()
    at = moment_of_writing(settings)
    if not reason.strip():
        raise Refusal("say why it was wrong: --reason")
    with _records(settings) as engine, writing(engine) as connection:
        wrong = _departure_to_undo(connection, subject, source)
        take_back_departure(connection, subject, wrong.source, at, at)
        note_arrivals(connection, [Came(subject, "departure", (subject,))])
        said: dict[str, Scalar] = {"kind": wrong.kind, "source": wrong.source, "reason": reason.strip()}
        entry = AuditEntry(at, "operator", by, "departure taken back", subject, detail=said)
        audit_chain(_secrets(settings)).append(connection, entry)
        left = sorted({one.source for one in every_departure_of(connection, subject)})
    stands = f"departed still by the word of {', '.join(left)}" if left else "judged anew from now on"
    OUT.print(f"[green]✓[/] the word of {wrong.source} is taken back; {stands}", highlight=False)


@app.command("replay-erasures")
def replay_erasures(by: Operator) -> None:
    """After a restore from backup, erase again whoever the erasure log names."""
    settings = Settings()
    secrets = _secrets(settings)
    with _records(settings) as engine, step("Replaying the erasure log"):
        receipts = replay(erasing_for(settings, engine, secrets), role="operator", actor=by)
    OUT.print(f"  {len(receipts)} subjects were back and are erased again", highlight=False)


def replay_if_restored(settings: Settings) -> None:
    """Before anything is served: where the records are a backup's, erase again whoever the log names."""
    if not settings.erasure_log_path.exists():
        return
    with _records(settings) as engine:
        erasing = erasing_for(settings, engine, _secrets(settings))
        if not is_restored(erasing):
            return
        with step("The records are older than the erasure log: replaying it"):
            receipts = replay(erasing, role="system", actor="restore")
    OUT.print(f"  {len(receipts)} subjects were back and are erased again", highlight=False)


def _departure_to_undo(connection: Connection, subject: str, source: str | None) -> Departure:
    """The one that stands by the word of the source, or of the only source. Refusal where there is none."""
    standing = {one.source: one for one in every_departure_of(connection, subject)}
    told = ", ".join(sorted(standing)) or "nobody"
    if source is None and len(standing) > 1:
        raise Refusal(f"several say so ({told}): name whose word is taken back with --source")
    named = source or next(iter(standing), None)
    if named not in standing:
        raise Refusal(f"no such departure of {subject} stands; it stands by the word of: {told}")
    return standing[named]


@contextmanager
def _records(settings: Settings) -> Iterator[Engine]:
    engine = open_records(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _secrets(settings: Settings) -> Secrets:
    try:
        return open_secrets(settings)
    except SecretsError as error:
        raise Refusal(str(error)) from error
