"""Carries an erasure out, store by store; the records come last, for they alone still know the id.

Broken off anywhere it is begun again with the same result: every step leaves what is gone, gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, select

from features.forgetting import forget
from features.registry import StoreLocation
from records.audit import AuditChain, AuditEntry
from records.audit_encoding import Scalar
from records.database import reading, writing
from records.erasure.files import scrub
from records.erasure.log import ErasureLog, erasure_tokens
from records.holdings import owned, personal_tables
from records.insertion import insert_or_change
from records.keys import Secrets
from records.reliance import cancel_all_pushes
from records.settings import Settings
from records.tables import erasure, erasure_receipt, scope_item
from records.tables import subject as subjects

LARGEST_REWRITTEN: Final = 1 << 30
"""Bytes of a table, with its indexes, that PostgreSQL writes anew after an erasure."""
RECORDS, ONLINE, FILES, AUDIT = "records", "online store", "files", "audit"


@dataclass(frozen=True, slots=True)
class Removed:
    """What went from one store: of what, how many, and when."""

    store: str
    what: str
    count: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of an erasure. Its token stands for nobody that anything still names."""

    token: str
    begun_at: dt.datetime
    completed_at: dt.datetime
    removed: tuple[Removed, ...]


@dataclass(frozen=True, slots=True)
class Erasing:
    """What an erasure reaches, and what it needs."""

    settings: Settings
    engine: Engine
    secrets: Secrets
    audit: AuditChain
    location: StoreLocation
    clock: Callable[[], dt.datetime]

    @property
    def log(self) -> ErasureLog:
        """The log that outlives a restore."""
        return ErasureLog(self.settings.erasure_log_path)


def erase(erasing: Erasing, subject: str, *, role: str, actor: str) -> Receipt:
    """Take a subject, and all that is theirs, out of every store; `role` and `actor` say who had it done.

    A subject of whom nothing is left is erased again without harm: the receipt then counts nothing.
    """
    begun_at, tokens = erasing.clock(), erasure_tokens(erasing.secrets)
    with reading(erasing.engine) as connection:
        ids = _ids(connection, subject)
    made = [tokens.of(id_) for id_ in ids]
    erasing.log.add(begun_at, made, done=False)
    with writing(erasing.engine) as connection:
        insert_or_change(connection, erasure, {"token": made[0], "begun_at": begun_at, "completed_at": None})
        cancelled = cancel_all_pushes(connection, subject)
    removed = [Removed(RECORDS, "outbox cancelled", cancelled, erasing.clock())]
    removed += _from_files(erasing, ids)
    removed.append(Removed(ONLINE, "packed profiles", forget(erasing.location, ids), erasing.clock()))
    receipt = _from_records(erasing, subject, made[0], begun_at, removed, By(role, actor))
    # Whoever was writing features of the subject when it began is done by now.
    forget(erasing.location, ids)
    _overwrite_free_pages(erasing.engine, {one.what for one in receipt.removed if one.count})
    erasing.log.add(receipt.completed_at, made, done=True)
    return receipt


@dataclass(frozen=True, slots=True)
class By:
    """Who had it done, as the audit has it."""

    role: str
    actor: str


def receipt_of(connection: Connection, token: str) -> Receipt | None:
    """The receipt of a finished erasure by its token; None where there is none."""
    row = connection.execute(select(erasure).where(erasure.c.token == token)).first()
    if row is None or row.completed_at is None:
        return None
    mine = select(erasure_receipt).where(erasure_receipt.c.erasure == token)
    rows = connection.execute(
        mine.order_by(erasure_receipt.c.at, erasure_receipt.c.store, erasure_receipt.c.what)
    ).mappings()
    removed = tuple(Removed(**{n: row[n] for n in ("store", "what", "count", "at")}) for row in rows)
    return Receipt(token, row.begun_at, row.completed_at, removed)


def _ids(connection: Connection, subject: str) -> list[str]:
    """The subject's id, and those of its scope items."""
    mine = select(scope_item.c.id).where(scope_item.c.owner == subject, scope_item.c.id != subject)
    return [subject, *connection.execute(mine.order_by(scope_item.c.id)).scalars()]


def _from_files(erasing: Erasing, ids: list[str]) -> list[Removed]:
    """Every folder of the run is walked: whatever holds rows of subjects, known here or not."""
    home = erasing.settings.home
    folders = [home / "offline", home / "city", home / "quarantine"]
    others = sorted(path for path in home.iterdir() if path.is_dir() and path not in folders)
    return [
        Removed(FILES, folder.name, scrub(folder, ids), erasing.clock())
        for folder in (*folders, *others)
        if folder.exists()
    ]


def _from_records(
    erasing: Erasing,
    subject: str,
    token: str,
    begun_at: dt.datetime,
    removed: list[Removed],
    by: By,
) -> Receipt:
    with writing(erasing.engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        at = erasing.clock()
        was_there = connection.execute(select(subjects.c.id).where(subjects.c.id == subject)).first()
        for table in reversed(personal_tables()):
            gone = connection.execute(delete(table).where(owned(table, subject))).rowcount
            removed.append(Removed(RECORDS, table.name, gone, at))
        if was_there is not None:
            counts = {f"{one.store}: {one.what}": one.count for one in removed}
            actor = by.actor if by.actor != subject else "subject"
            detail: dict[str, Scalar] = {"erasure": token, **counts}
            erasing.audit.append(connection, AuditEntry(at, by.role, actor, "erased", subject, None, detail))
        removed.append(
            Removed(AUDIT, "key of the tokens", int(erasing.audit.forget(connection, subject)), at)
        )
        _keep(connection, token, removed)
        insert_or_change(connection, erasure, {"token": token, "begun_at": begun_at, "completed_at": at})
    in_order = sorted(removed, key=lambda one: (one.at, one.store, one.what))
    return Receipt(token, begun_at, at, tuple(in_order))


def _keep(connection: Connection, token: str, removed: list[Removed]) -> None:
    connection.execute(delete(erasure_receipt).where(erasure_receipt.c.erasure == token))
    rows = [
        {"erasure": token, "store": one.store, "what": one.what, "count": one.count, "at": one.at}
        for one in removed
    ]
    connection.execute(insert(erasure_receipt), rows)


def _overwrite_free_pages(engine: Engine, touched: set[str]) -> None:
    """What was deleted must not be read in what the database has set free.

    PostgreSQL writes the tables that lost rows anew; larger ones it only makes ready to be overwritten, for
    nobody can read a table meanwhile: their operator rewrites them at night (docs/privacy.md).
    """
    with closing(engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        driver.autocommit = True
        try:
            for table in (one for one in personal_tables() if one.name in touched):
                size = driver.execute("SELECT pg_total_relation_size(%s::regclass)", (f'"{table.name}"',))
                full = "FULL" if size.fetchone()[0] <= LARGEST_REWRITTEN else ""
                driver.execute(f'VACUUM {full} "{table.name}"')
            driver.execute("VACUUM FULL audit_key")
        finally:
            driver.autocommit = False
