"""Opens the feature store and writes its definitions to the registry."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import unquote, urlsplit

from catalog.catalogue import Catalogue

if TYPE_CHECKING:
    from feast import FeatureStore

PROJECT: Final = "qianmian"


@dataclass(frozen=True, slots=True)
class StoreLocation:
    """Where the registry and the online and offline stores are."""

    registry: Path
    offline: Path
    online: Path
    """The embedded online store; unused with Redis."""
    online_store: Literal["sqlite", "redis"] = "sqlite"
    redis_url: str | None = None
    patience: float | None = None
    """Seconds to wait for Redis to connect or answer, without a second try; None is as long as it takes."""

    @property
    def last_known(self) -> StoreLocation:
        """The copy beside a Redis online store: the embedded store of the same registry."""
        return replace(self, online_store="sqlite", redis_url=None, patience=None)


def open_store(location: StoreLocation) -> FeatureStore:
    """The feature store at this location, by the same configuration as feature_store.yaml.

    ValueError for a Redis address that is none.
    """
    # Importing Feast takes seconds, which whoever only packs or masks need not pay.
    from feast import FeatureStore
    from feast.repo_config import RepoConfig

    location.registry.parent.mkdir(parents=True, exist_ok=True)
    return FeatureStore(
        config=RepoConfig(
            project=PROJECT,
            provider="local",
            registry={"registry_type": "file", "path": str(location.registry), "cache_ttl_seconds": 60},
            online_store=_online_config(location),
            offline_store={"type": "duckdb"},
            entity_key_serialization_version=3,
        )
    )


def apply(location: StoreLocation, catalogue: Catalogue) -> FeatureStore:
    """Makes the registry hold exactly what this catalogue defines, and readies the online store."""
    from features.definitions import build_definitions

    store = open_store(location)
    wanted = build_definitions(catalogue, location.offline)
    store.apply(wanted, objects_to_delete=_left_over(store, wanted), partial=False)
    if location.online_store == "sqlite":
        # Readers must not wait for the materialiser; the mode stays with the file.
        with closing(sqlite3.connect(location.online)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    return store


def _left_over(store: FeatureStore, wanted: list[Any]) -> list[Any]:
    """What an earlier catalogue defined and this one does not."""
    named = {(type(thing).__name__, thing.name) for thing in wanted}
    held = [*store.list_feature_services(), *store.list_feature_views(), *store.list_entities()]
    return [thing for thing in held if (type(thing).__name__, thing.name) not in named]


def _online_config(location: StoreLocation) -> dict[str, Any]:
    if location.online_store == "sqlite":
        return {"type": "sqlite", "path": str(location.online)}
    # Feast would compare one time a view; we compare one a register, and write only what is newer.
    address = _feast_redis(location.redis_url, location.patience)
    return {"type": "redis", "connection_string": address, "skip_dedup": True}


def _feast_redis(url: str | None, patience: float | None) -> str:
    """`redis://user:password@host:port/db` in Feast's own words."""
    parts = urlsplit(url or "")
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("the Redis address must read redis://[user:password@]host[:port][/database]")
    words = [f"{parts.hostname}:{parts.port or 6379}", f"db={parts.path.strip('/') or '0'}"]
    if parts.username:
        words.append(f'username="{unquote(parts.username)}"')
    if parts.password:
        words.append(f'password="{unquote(parts.password)}"')
    if parts.scheme == "rediss":
        words.append("ssl=true")
    if patience is not None:
        words += [f"socket_timeout={patience}", f"socket_connect_timeout={patience}", "retry=null"]
    return ",".join(words)
