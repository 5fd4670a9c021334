"""Ranking inside the fence: a permutation, duties unmoved, reasons true."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.ranker import ORDER, rank
from models.ranking.reasons import RANKED_BY
from models.ranking.signals import RankSignalError, RankSignals, RankWeights
from models.recommendation import Entry, Standing, Urgency

ON = dt.date(2026, 11, 20)
ITEMS = [f"item-{number}" for number in range(8)]
CODES = {reason.code for reason in RANKED_BY.values()}


def entry(item: str = "item-0", standing: Standing = Standing.CAN_DO, **more) -> Entry:
    given_values = {"scope_item": "self", "label": None, "ready": False, "cycle": "once", **more}
    return Entry(item=item, standing=standing, **given_values)


dates = st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
entries = st.lists(
    st.builds(
        entry,
        item=st.sampled_from(ITEMS),
        standing=st.sampled_from(Standing),
        scope_item=st.sampled_from(["self", "child-1", "child-2"]),
        ready=st.booleans(),
        due_on=dates,
        opens_on=dates,
        missing=st.lists(st.sampled_from(["id-card", "photo", "deed"]), unique=True).map(tuple),
        urgency=st.none() | st.sampled_from(Urgency),
    ),
    max_size=25,
    unique_by=lambda one: (one.item, one.scope_item, one.cycle),
)


def by_item(low: float, high: float):
    return st.dictionaries(st.sampled_from(ITEMS), st.floats(low, high))


signals = st.builds(
    RankSignals,
    model=st.just("affinity 3"),
    affinity=by_item(-1e3, 1e3),
    event_probability=by_item(0, 1),
    value=by_item(-1e6, 1e6),
    fatigue=by_item(0, 50),
    themes=st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["health", "school"])),
)


def bare(one: Entry) -> Entry:
    return replace(one, score=None, reasons=())


@given(entries, st.none() | signals)
def test_ranking_is_a_permutation(given_entries, given_signals):
    ranked = rank(given_entries, signals=given_signals, on=ON)
    identity = lambda one: (one.item, one.scope_item, one.cycle)  # noqa: E731
    assert sorted(map(bare, ranked), key=identity) == sorted(map(bare, given_entries), key=identity)


@given(entries, signals)
def test_no_signal_moves_or_alters_a_duty(given_entries, given_signals):
    def duties(with_signals: RankSignals | None) -> list[tuple[int, Entry]]:
        ranked = rank(given_entries, signals=with_signals, on=ON)
        return [(at, one) for at, one in enumerate(ranked) if one.standing is Standing.SHOULD_DO]

    assert duties(given_signals) == duties(None)
    assert [at for at, _ in duties(None)] == list(range(len(duties(None))))


@given(entries, st.none() | signals)
def test_duties_go_by_due_date_and_standings_keep_their_order(given_entries, given_signals):
    ranked = rank(given_entries, signals=given_signals, on=ON)
    due = [one.due_on for one in ranked if one.standing is Standing.SHOULD_DO and one.due_on]
    assert due == sorted(due)
    order = [ORDER.index(one.standing) for one in ranked]
    assert order == sorted(order)


@given(entries, st.none() | signals, st.randoms())
def test_the_order_of_arrival_does_not_matter(given_entries, given_signals, random):
    shuffled = list(given_entries)
    random.shuffle(shuffled)
    assert rank(shuffled, signals=given_signals, on=ON) == rank(given_entries, signals=given_signals, on=ON)


@given(entries)
def test_without_a_model_nothing_has_a_score_or_a_new_reason(given_entries):
    ranked = rank(given_entries, signals=None, on=ON)
    assert all(one.score is None for one in ranked)
    assert set(ranked) == set(given_entries)


@given(entries, signals)
def test_a_scored_entry_tells_at_most_one_reason_of_the_ranker(given_entries, given_signals):
    for one in rank(given_entries, signals=given_signals, on=ON):
        told = [reason.code for reason in one.reasons if reason.code in CODES]
        assert len(told) <= 1
        if "ranked_by_event" in told:
            assert given_signals.event_probability[one.item] > 0
        if "ranked_by_affinity" in told:
            known = [given_signals.affinity[other] for other in given_signals.affinity]
            assert given_signals.affinity[one.item] > min(known)
        if "ranked_by_ready" in told:
            assert one.ready


def test_an_overdue_duty_comes_before_one_without_a_deadline_before_a_distant_one():
    overdue = entry("a", Standing.SHOULD_DO, due_on=ON - dt.timedelta(days=3), urgency=Urgency.OVERDUE)
    promptly = entry("b", Standing.SHOULD_DO, urgency=Urgency.PROMPTLY)
    distant = entry("c", Standing.SHOULD_DO, due_on=ON + dt.timedelta(days=60))
    assert [one.item for one in rank([distant, promptly, overdue], signals=None, on=ON)] == ["a", "b", "c"]


def test_affinity_orders_what_can_be_done_and_says_so():
    ranked = rank(
        [entry("item-0"), entry("item-1")],
        signals=RankSignals("m 1", affinity={"item-0": 0.1, "item-1": 0.9}),
        on=ON,
    )
    assert [one.item for one in ranked] == ["item-1", "item-0"]
    assert [reason.code for reason in ranked[0].reasons] == ["ranked_by_affinity"]
    assert ranked[1].reasons == ()


def test_each_paper_missing_holds_an_entry_back():
    signal = RankSignals("m 1", affinity={})
    ranked = rank(
        [entry("item-0", missing=("deed", "photo")), entry("item-1", missing=("photo",))],
        signals=signal,
        on=ON,
    )
    assert [one.item for one in ranked] == ["item-1", "item-0"]


def test_an_item_shown_in_vain_gives_way():
    ranked = rank(
        [entry("item-0"), entry("item-1")], signals=RankSignals("m 1", fatigue={"item-0": 3.0}), on=ON
    )
    assert [one.item for one in ranked] == ["item-1", "item-0"]


def test_one_theme_does_not_fill_the_top():
    affinity = {f"item-{n}": 1.0 - n / 100 for n in range(6)} | {"item-7": 0.9}
    themes = {f"item-{n}": "health" for n in range(6)} | {"item-7": "school"}
    ranked = rank(
        [entry(item) for item in affinity],
        signals=RankSignals("m 1", affinity=affinity, themes=themes, weights=RankWeights(diversity=2.0)),
        on=ON,
    )
    assert "item-7" in [one.item for one in ranked[:3]]


def test_all_faults_of_the_signals_are_named_at_once():
    with pytest.raises(RankSignalError, match=r"affinity of item-0.*event_probability of item-1"):
        RankSignals("m 1", affinity={"item-0": float("nan")}, event_probability={"item-1": 1.5})


def test_a_negative_weight_is_refused():
    with pytest.raises(RankSignalError, match="effort"):
        RankWeights(effort=-1.0)
