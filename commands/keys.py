"""`qianmian keys`: make, show and change the secret keys; no value is ever printed."""

from __future__ import annotations

import secrets as randomness
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection, Engine, func, select

from commands.console import OUT, Refusal, step, table
from commands.trail import leave_trail
from records.contacts import rekey_contacts
from records.database import open_records, reading, writing
from records.identities import rekey_identities
from records.key_file import create_key_file, replace_key_file
from records.keys import NAMES, Secrets, SecretsError, VersionedKey, open_secrets
from records.logins import rekey_logins
from records.settings import Settings
from records.tables import contact, contact_check, identity, login

app = typer.Typer(no_args_is_help=True, help="The secret keys: made, shown by fingerprint, changed.")
KEYED: Final = (identity, login, contact, contact_check)
"""The tables under the identity key."""


@app.command()
def create(file: Annotated[Path, typer.Argument(help="Where to; nothing there is overwritten.")]) -> None:
    """Make a file of new keys for production."""
    if not create_key_file(file, "production", NAMES):
        raise Refusal(f"{file} is there already; keys are never overwritten")
    OUT.print(f"[green]✓[/] {file}: name it in QIANMIAN_SECRETS_FILE, and keep a copy where nobody finds it")


@app.command()
def show() -> None:
    """Show which keys there are, by fingerprint, and how many rows are under each version."""
    settings = Settings()
    secrets, engine = _secrets(settings), open_records(settings)
    used = rows_by_version(engine)
    engine.dispose()
    listed = table(f"Keys made for {secrets.made_for}", "key", "version", "fingerprint", "rows", "")
    for name in NAMES:
        for version, fingerprint in secrets[name].fingerprints().items():
            rows = f"{used.get(version, 0):,}" if name == "identity" else ""
            current = "current" if version == secrets[name].current else ""
            listed.add_row(name, str(version), fingerprint, rows, current)
    OUT.print(listed)


@app.command()
def rotate(
    retire: Annotated[
        bool, typer.Option(help="Make no new key: drop the versions that no row is under any more.")
    ] = False,
) -> None:
    """Give the identity table a new key. Stopped half-way, it goes on where it was when run again."""
    settings = Settings()
    secrets, engine = _secrets(settings), open_records(settings)
    try:
        if retire:
            _retire(settings, secrets, engine)
        else:
            _rotate(settings, secrets, engine)
    finally:
        engine.dispose()


def rows_by_version(engine: Engine) -> dict[int, int]:
    """How many rows are under each version of the identity key."""
    counted: dict[int, int] = {}
    with reading(engine) as connection:
        for keyed in KEYED:
            grouped = select(keyed.c.key_version, func.count()).group_by(keyed.c.key_version)
            for version, rows in connection.execute(grouped):
                counted[version] = counted.get(version, 0) + rows
    return counted


def rekey(connection: Connection, key: VersionedKey, size: int) -> int:
    """Bring up to `size` rows of each table to the current version; how many there were."""
    kinds = (rekey_identities, rekey_logins, rekey_contacts)
    return sum(each(connection, key, size) for each in kinds)


def _rotate(settings: Settings, secrets: Secrets, engine: Engine) -> None:
    key = secrets["identity"]
    waiting = sum(rows for version, rows in rows_by_version(engine).items() if version != key.current)
    if waiting:
        OUT.print(f"{waiting:,} rows are still under an older key; finishing that first", highlight=False)
    else:
        key = _with_new_version(settings, secrets)
        waiting = sum(rows_by_version(engine).values())
    done = 0
    with step("Giving rows the new key") as advance:
        while True:
            with writing(engine) as connection:
                rows = rekey(connection, key, 500)
            if not rows:
                break
            done += rows
            advance(f"{done:,} rows", done / max(waiting, done))
    leave_trail(
        settings, engine, "keys.rotated", detail={"key": "identity", "version": key.current, "rows": done}
    )
    OUT.print(
        f"{done:,} rows are under version {key.current}. Restart the servers, then drop the old version with "
        "`qianmian keys rotate --retire`.",
        highlight=False,
    )


def _with_new_version(settings: Settings, secrets: Secrets) -> VersionedKey:
    old = secrets["identity"]
    version = max(old.versions) + 1
    new = VersionedKey(version, {**old.versions, version: randomness.token_bytes(32)})
    _write(settings, secrets, new)
    return new


def _retire(settings: Settings, secrets: Secrets, engine: Engine) -> None:
    old, used = secrets["identity"], rows_by_version(engine)
    kept = {
        version: key for version, key in old.versions.items() if version == old.current or version in used
    }
    dropped = sorted(set(old.versions) - set(kept))
    if not dropped:
        raise Refusal("no version can be dropped: rows are under every one of them, or there is only one")
    _write(settings, secrets, VersionedKey(old.current, kept))
    named = ", ".join(map(str, dropped))
    leave_trail(settings, engine, "keys.retired", detail={"key": "identity", "versions": named})
    OUT.print(f"[green]✓[/] dropped version {named} of the identity key", highlight=False)


def _write(settings: Settings, secrets: Secrets, identity_key: VersionedKey) -> None:
    if settings.secrets is not None:
        raise Refusal(
            "the keys come from QIANMIAN_SECRETS, which this command cannot change: add a version of "
            "[identity] there, make it current, and run this again to re-key the rows"
        )
    keys = {**secrets.keys, "identity": identity_key}
    written = {str(name): (key.current, key.versions) for name, key in keys.items()}
    try:
        replace_key_file(settings.secrets_path, secrets.made_for, written)
    except OSError as error:
        raise Refusal(f"cannot change {settings.secrets_path}: {error.strerror}") from error


def _secrets(settings: Settings) -> Secrets:
    try:
        return open_secrets(settings)
    except SecretsError as error:
        raise Refusal(str(error)) from error
