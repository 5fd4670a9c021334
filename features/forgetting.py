"""Takes scope items out of the online store whole, and says which ones it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from features.registry import PROJECT, StoreLocation

KEY: Final = "scope_item"
KEY_LAYOUT: Final = 3
"""The version of Feast's key serialisation that `features.registry` opens stores with."""


def forget(location: StoreLocation, scope_items: Iterable[str]) -> int:
    """Remove every feature of these scope items; how many keys (Redis) and values (SQLite) that were.

    What SQLite frees is overwritten, and the file and its log are written anew: no free page keeps it.
    """
    keys = [_key(id_) for id_ in scope_items]
    # The file is the store itself, or the copy beside Redis that pages fall back to. It goes first: whoever
    # refills Redis from it looks afterwards whether what was copied is still there (features.refill).
    removed = _forget_in_file(location.online, keys) if location.online.exists() else 0
    if location.online_store == "redis":
        client = _redis(location)
        try:
            removed += int(client.delete(*(key + PROJECT.encode() for key in keys))) if keys else 0
        finally:
            client.close()
    return removed


def held(location: StoreLocation) -> Iterator[str]:
    """Every scope item the online store holds something of."""
    if location.online_store == "redis":
        client = _redis(location)
        try:
            for key in client.scan_iter(match=b"*" + PROJECT.encode(), count=1000):
                yield from _scope_item(bytes(key).removesuffix(PROJECT.encode()))
        finally:
            client.close()
    if location.online.exists():
        with closing(sqlite3.connect(location.online)) as connection:
            for table in _tables(connection):
                yield from scope_items_in(connection, table)


def scope_items_in(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Every scope item that one table of the embedded store holds something of."""
    for (key,) in connection.execute(f'SELECT DISTINCT entity_key FROM "{table}"'):  # noqa: S608
        yield from _scope_item(key)


def _forget_in_file(file: Path, keys: list[bytes]) -> int:
    removed = 0
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        for table in _tables(connection):
            statement = f'DELETE FROM "{table}" WHERE entity_key = ?'  # noqa: S608 - a name of the schema
            removed += sum(connection.execute(statement, (key,)).rowcount for key in keys)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed


def _tables(connection: sqlite3.Connection) -> list[str]:
    named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [
        name
        for (name,) in named.fetchall()
        if any(column[1] == "entity_key" for column in connection.execute(f'PRAGMA table_info("{name}")'))
    ]


def key_of(scope_item: str) -> bytes:
    """The key under which Redis holds a scope item."""
    return _key(scope_item) + PROJECT.encode()


def _key(scope_item: str) -> bytes:
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    key = EntityKey(join_keys=[KEY], entity_values=[Value(string_val=scope_item)])
    return bytes(serialize_entity_key(key, entity_key_serialization_version=KEY_LAYOUT))


def _scope_item(key: bytes) -> Iterator[str]:
    """The scope item of a stored key; none for the key of something else."""
    from feast.infra.key_encoding_utils import deserialize_entity_key

    found = deserialize_entity_key(key, entity_key_serialization_version=KEY_LAYOUT)
    if list(found.join_keys) == [KEY]:
        yield found.entity_values[0].string_val


def _redis(location: StoreLocation) -> Any:
    import redis

    return redis.Redis.from_url(location.redis_url or "")
