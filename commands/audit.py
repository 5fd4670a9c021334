"""`qianmian audit`: whether the chain of who did what is as it was left, and what it says."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import func, select

from commands.console import OUT, Refusal, step, table
from commands.trail import leave_trail, say_lost
from records.audit import AuditChain, audit_chain
from records.audit_verification import verify as follow
from records.database import open_records, reading
from records.keys import SecretsError, open_secrets
from records.settings import SHANGHAI, Settings
from records.tables.audit import audit

app = typer.Typer(no_args_is_help=True, help="The audit chain: who did what to whose data, and why.")


@app.command()
def verify() -> None:
    """Follow the whole chain; ends with status 1 and the first bad row when it was tampered with."""
    settings = Settings()
    chain, engine = _chain(settings), open_records(settings)
    with reading(engine) as connection:
        length = connection.execute(select(func.count()).select_from(audit)).scalar_one() or 1
    with step("Following the chain") as advance:
        verdict = follow(
            engine,
            chain.sealer,
            settings.audit_heads_path,
            lambda rows: advance(f"{rows:,} rows", rows / length),
        )
    engine.dispose()
    if verdict.breach is not None:
        row = "The file of heads" if verdict.breach.sequence is None else f"Row {verdict.breach.sequence}"
        raise Refusal(f"{row}: {verdict.breach.says}")
    OUT.print(
        f"[green]✓[/] {verdict.rows:,} rows and {verdict.views:,} sealed views are as they were left; "
        f"{verdict.heads:,} copied heads agree",
        highlight=False,
    )


@app.command()
def show(
    subject: Annotated[str | None, typer.Option(help="Only what was done about this subject.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many rows, the latest ones.")] = 20,
) -> None:
    """Show the latest rows. Subjects appear as their tokens."""
    settings = Settings()
    chain, engine = _chain(settings), open_records(settings)
    with reading(engine) as connection:
        token = None if subject is None else chain.token(connection, subject)
    if subject is not None and token is None:
        raise Refusal("the chain says nothing about this subject, or the key of what it says is destroyed")
    leave_trail(settings, engine, "audit.shown", subject)
    with reading(engine) as connection:
        chosen = select(audit).order_by(audit.c.sequence.desc()).limit(last)
        if token is not None:
            chosen = chosen.where(audit.c.subject_token == token)
        if action is not None:
            chosen = chosen.where(audit.c.action == action)
        rows = connection.execute(chosen).all()
    engine.dispose()
    listed = table(f"{len(rows)} rows", "row", "when", "role", "who", "did", "about", "for", "detail")
    for row in reversed(rows):
        when = row.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        about, detail = (row.subject_token or "")[:12], " ".join(f"{k}={v}" for k, v in row.detail.items())
        listed.add_row(
            str(row.sequence), when, row.role, row.actor, row.action, about, row.purpose or "", detail
        )
    OUT.print(listed)


@app.command()
def resume(
    reason: Annotated[str, typer.Option(help="Why rows are gone: which backup was restored.")],
) -> None:
    """Go on after the records were restored from a backup: the rows lost since are named, in the chain."""
    settings = Settings()
    engine = open_records(settings)
    lost = say_lost(settings, engine, reason)
    engine.dispose()
    if not lost:
        raise Refusal("no row is lost: every copied head is in the chain")
    OUT.print(f"{lost:,} rows since the backup are gone; the chain says so and goes on", highlight=False)


def _chain(settings: Settings) -> AuditChain:
    try:
        return audit_chain(open_secrets(settings))
    except SecretsError as error:
        raise Refusal(str(error)) from error
