"""Materialises: from ingested statements and records to what serving and training read.

Running it again changes nothing; broken off, it goes on where the online store left off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl
from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.epoch import Epoch, epoch_file
from features.guarded import Mirrored
from features.materialised import note_materialised
from features.registers import kinds_and_scopes, registers_of
from features.registry import StoreLocation, apply
from features.retrieval import OnlineProfiles
from features.statements import AttributeHistory, business_day, latest
from features.statistics_online import write_statistics
from pipelines.features.named import NamedFeatures
from pipelines.features.profiles import ProfileView, Writing, materialise_view
from records.database import open_records, reading, writing
from records.minors import BIRTH_DATE, note_births
from records.settings import Settings

if TYPE_CHECKING:
    from feast import FeatureStore

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done (0 to 1)."""


FOR_EVER: Final = dt.timedelta(days=36_500)
"""For so long a birth date holds."""
PROFILES: Final = 0.9
"""The share of the work that packing and writing profiles is, about."""


@dataclass(frozen=True, slots=True)
class MaterialiseReport:
    """What one materialisation came to."""

    at: dt.datetime
    catalogue_version: str
    profiles: tuple[ProfileView, ...]
    named: dict[str, int]
    """Rows by named view."""


def store_location(settings: Settings) -> StoreLocation:
    """Where these settings keep the feature store."""
    return StoreLocation(
        registry=settings.registry_path,
        offline=settings.offline_path,
        online=settings.online_path,
        online_store=settings.online_store,
        redis_url=settings.redis_url,
    )


def materialise(
    settings: Settings, catalogue: Catalogue, at: dt.datetime, progress: Progress | None = None
) -> MaterialiseReport:
    """Brings the feature store to what was known at an (aware) instant."""
    tell = progress or _silent
    tell("feature definitions", 0.0)
    store = apply(store_location(settings), catalogue)
    history = AttributeHistory(settings.attributes_path, catalogue)
    online = OnlineProfiles(store, catalogue, history.shelf_life, lambda: at)
    copy = _copy(settings, catalogue)
    both: Writing = online
    if copy is not None:
        both = Mirrored(online, OnlineProfiles(copy, catalogue, history.shelf_life, lambda: at))
    profiles = tuple(_profiles(settings, history, both, at, tell))
    named = NamedFeatures(history, at)
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            for kind in SubjectKind:
                named.gather(connection, kind, _counting(tell, f"features of {kind}s", PROFILES))
        with writing(engine) as connection:
            _note_minors(connection, history, at)
    finally:
        engine.dispose()
    for kept in (copy, store):
        if kept is not None:
            write_statistics(kept, named.statistics(), at)
    if copy is not None:
        _begin_epoch(settings)
    rows = named.write(settings.offline_path)
    note_materialised(settings.offline_path, at, catalogue.version)
    tell("done", 1.0)
    return MaterialiseReport(at, catalogue.version, profiles, rows)


def _copy(settings: Settings, catalogue: Catalogue) -> FeatureStore | None:
    """The copy beside Redis that pages fall back to; None where the online store is a file itself."""
    if settings.online_store != "redis":
        return None
    return apply(store_location(settings).last_known, catalogue)


def _begin_epoch(settings: Settings) -> None:
    """From here on a store without this epoch has forgotten; one that stands is not begun anew."""
    epoch = Epoch(store_location(settings))
    try:
        if not (epoch_file(store_location(settings)).exists() and epoch.stands()):
            epoch.begin()
    finally:
        epoch.close()


def _profiles(
    settings: Settings, history: AttributeHistory, online: Writing, at: dt.datetime, tell: Progress
) -> Iterator[ProfileView]:
    catalogue = history.catalogue
    wanted = [(k, s) for k, s in kinds_and_scopes() if registers_of(catalogue, k, s)]
    for number, (kind, scope) in enumerate(wanted):
        counting = _counting(tell, f"profiles of {kind}, {scope}", PROFILES * number / len(wanted))
        yield materialise_view(history, settings.offline_path, online, kind, scope, at, counting)


def _note_minors(connection: Connection, history: AttributeHistory, at: dt.datetime) -> None:
    """Who is under 18 by all that was ever told: records older than their table of minors are made whole."""
    attribute = history.catalogue.attributes.get(BIRTH_DATE)
    if attribute is None:
        return
    said = history.statements(SubjectKind.CITIZEN, Scope.SELF, attribute.register)
    births = latest(said, at, FOR_EVER).select(subject="scope_item", born=pl.col(BIRTH_DATE)).collect()
    note_births(connection, births, business_day(at))


def _counting(tell: Progress, what: str, share: float) -> Callable[[int], None]:
    def counted(done: int) -> None:
        tell(f"{what}: {done:,}", share)

    return counted


def _silent(_what: str, _share: float) -> None:
    """Tells nobody."""
