"""`qianmian people`: who holds which office, and whose documents are whose."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from sqlalchemy import Connection

from commands.console import OUT, Refusal
from commands.trail import leave_trail
from records.database import open_records, writing
from records.identities import IdentityTaken, record_identity
from records.keys import Secrets, SecretsError, open_secrets
from records.logins import Account, appoint, record_login
from records.settings import now_in_utc, today_in_shanghai
from records.subjects import UnknownSubject, kind_of
from records.tables.vocabulary import OFFICES, Office
from serving.settings import ServingSettings

app = typer.Typer(no_args_is_help=True, help="Who holds which office, and whose documents are whose.")
COLUMNS: Final = ("subject", "scheme", "number")
_BATCH: Final = 1000


@app.command("appoint")
def appoint_official(
    account: Annotated[str, typer.Argument(help="The account's `sub` at the issuer.")],
    office: Annotated[str, typer.Argument(help=", ".join(OFFICES))],
    until: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; a year if unset.")
    ] = None,
) -> None:
    """Appoint an account of the issuer to an office; again with another day changes the days."""
    settings = ServingSettings()
    held: Office | None = next((each for each in get_args(Office) if each == office), None)
    if held is None:
        raise Refusal(f"there is no office {office!r}: name one of {', '.join(OFFICES)}")
    on = today_in_shanghai(settings)
    last = until.date() if until else on + dt.timedelta(days=365)
    if last < on:
        raise Refusal(f"{last} is over; name a day from {on} on")
    engine, secrets = open_records(settings), _secrets(settings)
    leave_trail(settings, engine, "office.appointed", detail={"office": held, "until": last.isoformat()})
    with writing(engine) as connection:
        at = now_in_utc(settings)
        known = record_login(connection, Account(settings.issuer, account), None, secrets["identity"], at)
        appoint(connection, known.id, held, on, last)
    engine.dispose()
    OUT.print(f"[green]✓[/] {known.id} is {held} until {last}", highlight=False)


@app.command("documents")
def take_documents(
    file: Annotated[Path, typer.Argument(exists=True, help="CSV with the columns subject, scheme, number.")],
) -> None:
    """Take in whose documents are whose, to be kept sealed; all of the file or nothing."""
    settings = ServingSettings()
    engine, secrets = open_records(settings), _secrets(settings)
    leave_trail(settings, engine, "documents.recorded", detail={"file": file.name})
    with writing(engine) as connection, file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(_rows(opened))
        faults = [fault for line, row in rows if (fault := _taken(connection, secrets, settings, line, row))]
        if faults:
            raise Refusal("nothing was recorded: " + "; ".join(faults[:20]))
    engine.dispose()
    OUT.print(f"[green]✓[/] {len(rows):,} documents", highlight=False)


def _rows(opened: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(opened)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise Refusal(f"the first line must name the columns {','.join(COLUMNS)}")
    for row in reader:
        yield reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}


def _taken(
    connection: Connection, secrets: Secrets, settings: ServingSettings, line: int, row: dict[str, str]
) -> str | None:
    """What is wrong with a line, or None when its document was recorded. No number is ever repeated."""
    if not all(row.values()):
        return f"line {line}: a field is empty"
    try:
        kind_of(connection, row["subject"])
        number = row["number"].upper()
        record_identity(connection, secrets, row["subject"], row["scheme"], number, now_in_utc(settings))
    except UnknownSubject:
        return f"line {line}: no such subject"
    except IdentityTaken as error:
        return f"line {line}: {error}"
    return None


def _secrets(settings: ServingSettings) -> Secrets:
    try:
        return open_secrets(settings)
    except SecretsError as error:
        raise Refusal(str(error)) from error
