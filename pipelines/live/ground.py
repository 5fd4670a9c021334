"""What a worker works with: the catalogue in use and what follows from it, made anew when that changes."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from catalog.artefact import ArtefactError, load
from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.acts import OnlineActs
from features.epoch import Epoch
from features.guarded import Mirrored, StoreAway
from features.registry import open_store
from features.retrieval import OnlineProfiles, Told
from features.statements import AttributeHistory
from models.eligibility.rule_book import RuleBook
from models.standing.working_days import WorkingCalendar, published_calendar
from pipelines.features.materialise import store_location
from pipelines.live.feature_push import Writing
from records.last_good import load_catalogue
from records.profiles import ProfileReader
from records.settings import Settings, now_in_utc

if TYPE_CHECKING:
    from feast import FeatureStore

LOOK_EVERY: Final = 2.0
"""Seconds between two looks whether there is a new catalogue."""

logger = logging.getLogger("qianmian.worker")


@dataclass(frozen=True, slots=True)
class WholeProfiles:
    """The online store as far as it is whole: one that forgot is waited for, never taken for all there is."""

    online: OnlineProfiles
    epoch: Epoch | None

    def read(self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]]) -> Mapping[str, Told]:
        """As OnlineProfiles.read. Raises StoreAway for a store that was emptied."""
        if self.epoch is not None and not self.epoch.stands():
            raise StoreAway("the online store has forgotten; it is filled again by whoever serves")
        return self.online.read(kind, scope_items)


@dataclass(frozen=True, slots=True)
class Ground:
    """One catalogue, and what is judged and written by it."""

    catalogue: Catalogue
    history: AttributeHistory
    online: Writing
    acts: OnlineActs
    profiles: ProfileReader
    book: RuleBook
    calendar: WorkingCalendar


@dataclass(slots=True)
class Grounds:
    """Keeps the ground of the catalogue in use."""

    settings: Settings
    engine: Engine
    told: Callable[[Catalogue], None] = lambda _catalogue: None
    """Called with a catalogue before it is worked by."""
    _latest: Ground | None = None
    _seen: tuple[int, int] | None = None
    _look_at: float = field(default=-1e9)
    _stores: tuple[FeatureStore, FeatureStore | None] | None = None

    @property
    def latest(self) -> Ground:
        """The ground to stand on: of the last good catalogue where the newest cannot be read.

        Raises ArtefactError or FileNotFoundError where there never was a catalogue.
        """
        if self._latest is None:
            self._seen = self._stamp()
            catalogue, wrong = load_catalogue(self.settings.catalogue_path)
            if wrong is not None:
                logger.error("the catalogue is %s; its last good copy is worked by", wrong)
            self._latest = self._made(catalogue)
        return self._latest

    @property
    def at(self) -> dt.datetime:
        """The instant to work as of."""
        return now_in_utc(self.settings)

    def refresh(self) -> None:
        """Take up a new catalogue where there is one; one that cannot be read leaves the last in use."""
        if monotonic() - self._look_at >= LOOK_EVERY:
            self.look()

    def look(self) -> None:
        """As `refresh`, now."""
        self._look_at = monotonic()
        before, stamp = self.latest, self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            catalogue = load(self.settings.catalogue_path)
        except (ArtefactError, OSError) as error:
            logger.error("the new catalogue cannot be read (%s); the last one stays", type(error).__name__)
            return
        if catalogue.version != before.catalogue.version:
            self._latest = self._made(catalogue)
            logger.info("a new catalogue is in use")

    def _made(self, catalogue: Catalogue) -> Ground:
        self.told(catalogue)
        location = store_location(self.settings)
        if self._stores is None:
            beside = open_store(location.last_known) if location.online_store == "redis" else None
            self._stores = open_store(location), beside
        history = AttributeHistory(self.settings.attributes_path, catalogue)

        def profiles_in(store: FeatureStore) -> OnlineProfiles:
            return OnlineProfiles(store, catalogue, history.shelf_life, lambda: self.at)

        online, copy = profiles_in(self._stores[0]), self._stores[1]
        epoch = Epoch(location, 2.0) if location.online_store == "redis" else None
        return Ground(
            catalogue=catalogue,
            history=history,
            acts=OnlineActs(self._stores[0]),
            online=online if copy is None else Mirrored(online, profiles_in(copy)),
            profiles=ProfileReader(self.engine, WholeProfiles(online, epoch)),
            book=RuleBook(catalogue),
            calendar=published_calendar(),
        )

    def _stamp(self) -> tuple[int, int] | None:
        try:
            known = self.settings.catalogue_path.stat()
        except OSError:
            return None
        return known.st_mtime_ns, known.st_size
