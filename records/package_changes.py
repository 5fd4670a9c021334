"""The policy package an enterprise was told of last, and every change it was told of since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from models.policy_package.change import PackageChange, Snapshot
from records.insertion import insert_new, insert_or_change
from records.tables import package_change, package_snapshot

MOST = 200
"""Changes handed out at once."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change as it was kept. Ids rise in the order of telling."""

    id: int
    key: str
    change: PackageChange
    made_at: dt.datetime


def package_told(connection: Connection, enterprise: str) -> Snapshot | None:
    """The package that later ones are compared with; None before the first."""
    p = package_snapshot.c
    content = connection.execute(select(p.content).where(p.enterprise == enterprise)).scalar_one_or_none()
    return None if content is None else msgspec.convert(content, Snapshot)


def keep_package(connection: Connection, enterprise: str, snapshot: Snapshot, at: dt.datetime) -> None:
    """Keep the package that later ones are to be compared with."""
    row = {
        "enterprise": enterprise,
        "on": snapshot.on,
        "catalogue_version": snapshot.catalogue_version,
        "content": _plain(snapshot),
        "taken_at": at,
    }
    insert_or_change(connection, package_snapshot, row)


def keep_change(
    connection: Connection, enterprise: str, key: str, change: PackageChange, at: dt.datetime
) -> bool:
    """Keep a change; False if it was kept before."""
    row = {
        "key": key,
        "enterprise": enterprise,
        "since": change.since,
        "on": change.on,
        "catalogue_version": change.catalogue_version,
        "content": _plain(change),
        "made_at": at,
    }
    return bool(insert_new(connection, package_change, "key", [row]))


def package_changes(
    connection: Connection, enterprise: str, before: int | None = None, most: int = 20
) -> tuple[Recorded, ...]:
    """An enterprise's changes, the latest first; `before` an id, for the next page of them."""
    p = package_change.c
    statement = select(p.id, p.key, p.content, p.made_at).where(p.enterprise == enterprise)
    if before is not None:
        statement = statement.where(p.id < before)
    rows = connection.execute(statement.order_by(p.id.desc()).limit(min(most, MOST)))
    return tuple(
        Recorded(id_, key, msgspec.convert(content, PackageChange), at) for id_, key, content, at in rows
    )


def _plain(value: Snapshot | PackageChange) -> Any:
    return msgspec.to_builtins(value)
