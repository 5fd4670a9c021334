"""Opens the online store as pages read it: behind a breaker, with its copy, and refilled when it forgot."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.acts import OnlineActs
from features.breaker import Breaker
from features.epoch import Epoch
from features.freshness import default_shelf_life
from features.guarded import PATIENCE, GuardedProfiles, StoreAway, failures
from features.refill import refill, refill_statistics
from features.registry import StoreLocation, open_store
from features.retrieval import OnlineProfiles
from features.schema import Interaction
from serving.degraded import Condition
from serving.desk import Clock

logger = logging.getLogger("qianmian.degraded")

COPYING_PATIENCE: Final = 5.0
"""Seconds that one write of a refill may take."""


@dataclass(frozen=True, slots=True)
class Online:
    """What pages read, and what refills it."""

    profiles: GuardedProfiles
    epoch: Epoch | None
    """None where the online store is a file of our own, which does not forget."""
    refill: Callable[[], int | None]
    """Copy everything into a store that forgot; how much, None where another process does it already."""

    def acts(self, kind: SubjectKind, subject: str) -> Sequence[Interaction] | None:
        """What the store says a subject did; None where it says nothing, or does not answer."""
        try:
            return self.profiles.ask(lambda profiles: _acts_in(profiles, kind, subject))
        except StoreAway:
            return None

    def probe(self) -> None:
        """Ask the store as a page would, so that its recovery is noticed without one."""
        if self.epoch is None or not self.profiles.breaker.admits():
            return
        try:
            whole = self.epoch.stands()
        except failures():
            self.profiles.breaker.failed()
            self.profiles.told("online_store_away")
        else:
            self.profiles.breaker.succeeded()
            self.profiles.told(None if whole else "online_store_empty")

    def close(self) -> None:
        """Let go of the connection."""
        if self.epoch is not None:
            self.epoch.close()


def open_online(
    location: StoreLocation,
    catalogue: Catalogue,
    clock: Clock,
    condition: Condition,
    steady: Callable[[], float],
) -> Online:
    """The online store of a server; `steady` counts seconds."""
    lives, at = default_shelf_life(), clock.at
    breaker = Breaker(steady)
    if location.online_store != "redis":
        store = OnlineProfiles(open_store(location), catalogue, lives, at)
        return Online(
            GuardedProfiles(store, None, breaker, None, condition.heard_of_store), None, lambda: None
        )
    hurried = replace(location, patience=PATIENCE)
    store = OnlineProfiles(open_store(hurried), catalogue, lives, at)
    copy = OnlineProfiles(open_store(location.last_known), catalogue, lives, at)
    epoch = Epoch(hurried, PATIENCE)
    guarded = GuardedProfiles(store, copy, breaker, epoch, condition.heard_of_store)

    def again() -> int | None:
        patient = replace(location, patience=COPYING_PATIENCE)
        target = OnlineProfiles(open_store(patient), catalogue, lives, at)
        source = OnlineProfiles(open_store(location.last_known), catalogue, lives, at)
        mark = Epoch(patient, COPYING_PATIENCE)
        try:
            refill_statistics(target.store, source.store, catalogue, at())
            return refill(patient, target, source, catalogue, mark)
        finally:
            mark.close()

    return Online(guarded, epoch, again)


class Refiller:
    """Refills a store that forgot, once at a time, beside the pages."""

    def __init__(self, online: Online) -> None:
        self._online, self._busy = online, threading.Lock()

    def begin(self) -> None:
        """Begin, unless it is under way already."""
        if self._busy.acquire(blocking=False):
            threading.Thread(target=self._run, name="refill", daemon=True).start()

    def _run(self) -> None:
        try:
            copied = self._online.refill()
            if copied is not None:
                logger.warning("the online store had forgotten; refilled with %d packets", copied)
        except Exception as error:
            # It is tried again at the next look; until then pages are made from the copy, and say so.
            logger.error("the online store could not be refilled: %s", type(error).__name__)
        finally:
            self._busy.release()


def _acts_in(profiles: OnlineProfiles, kind: SubjectKind, subject: str) -> Sequence[Interaction] | None:
    return _acts_of(profiles).read(kind, [subject]).get(subject)


@lru_cache(maxsize=8)
def _acts_of(profiles: OnlineProfiles) -> OnlineActs:
    return OnlineActs(profiles.store)
