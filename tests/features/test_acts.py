"""What subjects did, through the real store: whole or not at all, and never less than before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.acts import OnlineActs, in_order, pack_acts, unpack_acts
from features.forgetting import forget
from features.registry import StoreLocation, apply, open_store
from features.schema import Interaction
from tests.features.test_online_profiles import place, redis_url

__all__ = ["place", "redis_url"]

NOON = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
WORDS = st.none() | st.text(max_size=8)
ACTS = st.builds(
    Interaction,
    client_id=st.text(min_size=1, max_size=8),
    kind=st.sampled_from(("view", "search", "dismiss")),
    at=st.integers(-(10**9), 10**9).map(lambda seconds: NOON + dt.timedelta(seconds=seconds)),
    item=WORDS,
    scope_item=WORDS,
    channel=WORDS,
    query=WORDS,
    slate=WORDS,
    position=st.none() | st.integers(0, 100_000),
    propensity=st.none() | st.floats(0.001, 1),
)


def view(client_id: str, minutes: int = 0) -> Interaction:
    return Interaction(client_id, "view", NOON + dt.timedelta(minutes=minutes), "cs-passport")


@given(st.lists(ACTS, max_size=6, unique_by=lambda one: one.client_id), st.randoms(use_true_random=False))
def test_packing_loses_nothing_and_knows_no_order_but_one(acts: list[Interaction], random: object) -> None:
    shuffled = sorted(acts, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert pack_acts(shuffled) == pack_acts(acts)
    assert unpack_acts(pack_acts(acts)) == in_order(acts)


def test_bytes_of_another_layout_are_nothing() -> None:
    assert unpack_acts(b"\x92\x09\x90") is None
    assert unpack_acts(b"what") is None


@pytest.fixture
def online(place: StoreLocation, catalogue: Catalogue) -> OnlineActs:
    return OnlineActs(apply(place, catalogue))


def test_more_takes_the_place_of_less_and_never_the_other_way(online: OnlineActs) -> None:
    kind = SubjectKind.CITIZEN
    one, two = [view("a")], [view("a"), view("b", 5)]
    assert online.read(kind, ["c1"]) == {}
    assert online.write(kind, {"c1": one, "c2": two}) == 2
    assert online.write(kind, {"c1": two, "c2": one}) == 1
    assert online.read(kind, ["c1", "c2", "c3"]) == {"c1": in_order(two), "c2": in_order(two)}
    assert online.write(kind, {"c1": [replace(view("a"), kind="click"), view("b")]}) == 0


def test_who_is_forgotten_has_no_packet(
    online: OnlineActs,
    place: StoreLocation,
) -> None:
    online.write(SubjectKind.CITIZEN, {"c1": [view("a")], "c2": [view("b")]})
    assert forget(place, ["c1"]) == 1
    assert online.read(SubjectKind.CITIZEN, ["c1", "c2"]) == {"c2": (view("b"),)}


def test_a_registry_from_before_says_nothing(place: StoreLocation, tmp_path: object) -> None:
    online = OnlineActs(open_store(replace(place, registry=place.registry.with_name("other.db"))))
    assert online.read(SubjectKind.CITIZEN, ["c1"]) == {}
    assert online.write(SubjectKind.CITIZEN, {"c1": [view("a")]}) == 0
