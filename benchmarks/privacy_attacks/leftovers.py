"""What can still be read of people after their erasure, in any byte of any file of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import select

from benchmarks.privacy_attacks.sample_city import SampleCity
from features.registry import StoreLocation
from records.audit import audit_chain
from records.database import open_records, reading
from records.erasure import Erasing, erase
from records.keys import open_secrets
from records.settings import now_in_utc
from records.tables import scope_item


def erasure_leftovers(city: SampleCity, people: int, seed: int) -> int:
    """Erase so many citizens and enterprises; how many of their ids any file still holds."""
    settings, secrets = city.settings, open_secrets(city.settings)
    location = StoreLocation(settings.registry_path, settings.offline_path, settings.online_path)
    engine = open_records(settings)
    erasing = Erasing(settings, engine, secrets, audit_chain(secrets), location, lambda: now_in_utc(settings))
    every = [id_ for ground in city.grounds.values() for id_ in ground.subjects["subject"]]
    chosen = [every[at] for at in np.random.default_rng(seed).choice(len(every), people, replace=False)]
    with reading(engine) as connection:
        owned = select(scope_item.c.id).where(scope_item.c.owner.in_(chosen))
        ids = sorted({*chosen, *connection.execute(owned).scalars()})
    if not set(ids) <= set(_read(settings.home, ids)):
        raise RuntimeError("the search does not find what is there: it would prove nothing")
    for subject in chosen:
        erase(erasing, subject, role="subject", actor=subject)
    engine.dispose()
    return sum(1 for _ in _read(settings.home, ids))


def _unpacked(frame: pl.DataFrame) -> bytes:
    """Everything in a table, bytes as they are."""
    packed = [name for name, dtype in frame.schema.items() if dtype == pl.Binary]
    held = b"".join(value for name in packed for value in frame[name].drop_nulls())
    return held + frame.drop(packed).write_ndjson().encode()


def _read(home: Path, ids: Iterable[str]) -> Iterator[str]:
    """Each id, once for every file that holds it; what is compressed is unpacked."""
    wanted = [(id_, id_.encode()) for id_ in ids]
    for file in sorted(path for path in home.rglob("*") if path.is_file()):
        raw = file.read_bytes()
        if file.suffix == ".parquet":
            raw += _unpacked(pl.read_parquet(file))
        yield from (id_ for id_, word in wanted if word in raw)
