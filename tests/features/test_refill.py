"""An online store that forgot is filled again from its copy, and nobody who was erased comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
import redis

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.epoch import Epoch
from features.forgetting import forget
from features.freshness import ShelfLife
from features.packing import Statement, pack
from features.refill import refill
from features.registry import StoreLocation, apply
from features.retrieval import OnlineProfiles, Written
from tests.features.test_online_profiles import redis_url

__all__ = ["redis_url"]
NOW = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
CITIZEN, SELF = SubjectKind.CITIZEN, Scope.SELF
LIVES = ShelfLife(default_days=100)
PACKET = pack(Statement(NOW - dt.timedelta(days=1), {"birth_date": dt.date(1990, 1, 1)}))


class Both:
    """A Redis and the copy beside it, both of which hold the same citizens."""

    def __init__(self, location: StoreLocation, url: str, catalogue: Catalogue) -> None:
        self.location = replace(location, online_store="redis", redis_url=url)
        self.redis, self.catalogue = redis.Redis.from_url(url), catalogue
        self.redis.flushall()
        self.copy = OnlineProfiles(apply(self.location.last_known, catalogue), catalogue, LIVES, lambda: NOW)
        self.online = OnlineProfiles(apply(self.location, catalogue), catalogue, LIVES, lambda: NOW)
        self.epoch = Epoch(self.location)
        for store in (self.copy, self.online):
            store.write_newer(CITIZEN, SELF, {f"c{n}": {"public-security": PACKET} for n in range(3)})
        self.epoch.begin()

    def held(self, names: Collection[str] = ("c0", "c1", "c2")) -> set[str]:
        return set(self.online.read(CITIZEN, {SELF: list(names)}))


@pytest.fixture
def both(location: StoreLocation, redis_url: str, catalogue: Catalogue) -> Both:
    return Both(location, redis_url, catalogue)


def test_what_was_forgotten_is_found_out_and_filled_again(both: Both) -> None:
    assert both.epoch.stands()
    both.redis.flushall()
    assert not both.epoch.stands()
    assert both.held() == set()
    assert refill(both.location, both.online, both.copy, both.catalogue, both.epoch) == 3
    assert both.epoch.stands()
    assert both.held() == {"c0", "c1", "c2"}


def test_one_process_refills_at_a_time(both: Both) -> None:
    both.redis.flushall()
    assert both.epoch.take(60)
    assert refill(both.location, both.online, both.copy, both.catalogue, both.epoch) is None
    both.epoch.release()
    assert refill(both.location, both.online, both.copy, both.catalogue, both.epoch) == 3


def test_a_refill_that_breaks_off_leaves_the_store_distrusted(both: Both) -> None:
    both.redis.flushall()

    class Breaking(OnlineProfiles):
        def write_newer(self, *_: object) -> object:  # type: ignore[override]
            raise redis.ConnectionError

    broken = Breaking(both.online.store, both.catalogue, LIVES, lambda: NOW)
    with pytest.raises(redis.ConnectionError):
        refill(both.location, broken, both.copy, both.catalogue, both.epoch)
    assert not both.epoch.stands()
    assert both.epoch.take(60), "the next process is kept from it"


def test_whoever_is_erased_meanwhile_does_not_come_back(both: Both) -> None:
    both.redis.flushall()

    class Slow(OnlineProfiles):
        def write_newer(
            self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]
        ) -> Written:
            forget(both.location, ["c1"])
            return super().write_newer(kind, scope, packets)

    slow = Slow(both.online.store, both.catalogue, LIVES, lambda: NOW)
    refill(both.location, slow, both.copy, both.catalogue, both.epoch)
    assert both.held() == {"c0", "c2"}


def test_live_words_newer_than_the_copy_stay(both: Both) -> None:
    newer = pack(Statement(NOW, {"birth_date": dt.date(1991, 1, 1)}))
    both.redis.flushall()
    both.online.write_newer(CITIZEN, SELF, {"c0": {"public-security": newer}})
    refill(both.location, both.online, both.copy, both.catalogue, both.epoch)
    attributes, _ = both.online.read(CITIZEN, {SELF: ["c0"]})["c0"]
    assert attributes["birth_date"] == dt.date(1991, 1, 1)
