"""Signals and holdings: the table and the single profile say the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Names, Scope, SubjectKind
from features.schema import Case, CaseStatus, Evidence, Interaction, InteractionKind, MaskedProfile, ScopeItem
from models.life_event_forecast.holdings import Holdings, fit_holdings
from models.life_event_forecast.query_words import QueryWords
from models.life_event_forecast.signals import SIGNALS, EventItems, signal_table, signals_of
from tests.models.life_event_forecast.forecast_world import masked

ON = dt.date(2026, 3, 1)
END = dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)
NAMES = {i: Names(zh=w, en=w) for i, w in {"x": "护照换发", "y": "护照补发", "z": "车牌"}.items()}
ITEMS = EventItems(("a", "b"), {"x": (0,), "y": (0, 1)}, QueryWords(NAMES))
moments = st.integers(-60 * 24 * 400, 60 * 24 * 10).map(lambda m: END + dt.timedelta(minutes=m))
kinds = st.sampled_from(["search", "view", "click", "impression", "start", "submit", "complete", "dismiss"])
statuses = st.sampled_from(["open", "succeeded", "failed"])
dates = st.one_of(st.none(), st.integers(-300, 300).map(lambda n: ON + dt.timedelta(days=n)))
acts = st.tuples(st.sampled_from(["x", "y", "z"]), kinds.filter(lambda kind: kind != "search"), moments)
asked = st.sampled_from(["护照", "护照换发怎么办", "补发护照", "车牌", "天气"])
searches = st.tuples(asked, st.just("search"), moments)
lives = st.tuples(
    st.lists(st.one_of(searches, acts), max_size=12),
    st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), moments, statuses), max_size=5),
    st.lists(st.tuples(st.sampled_from(["m-id", "m-pass"]), dates, dates), max_size=4),
    st.booleans(),
)
Life = tuple[
    list[tuple[str, InteractionKind, dt.datetime]],
    list[tuple[str, dt.datetime, CaseStatus]],
    list[tuple[str, dt.date | None, dt.date | None]],
    bool,
]


def act(id: str, what: str, kind: InteractionKind, at: dt.datetime) -> Interaction:
    if kind == "search":
        return Interaction(id, kind, at, query=what)
    return Interaction(id, kind, at, item=what)


def profile(life: Life) -> MaskedProfile:
    acts, cases, papers, seen = life
    itself = ScopeItem(
        "s",
        Scope.SELF,
        "s",
        evidence=tuple(Evidence(f"e{i}", "s", t, a, b, "authority") for i, (t, a, b) in enumerate(papers)),
        cases=tuple(
            Case(f"c{i}", "s", item, "once", status, None, at, at + dt.timedelta(days=3))
            for i, (item, at, status) in enumerate(cases)
        ),
    )
    done = tuple(act(f"i{i}", *told) for i, told in enumerate(acts))
    return MaskedProfile(
        subject="s",
        kind=SubjectKind.CITIZEN,
        purpose="rank",
        scope_items=(itself,),
        interactions=done if seen else (),
        relations=(),
        withheld=frozenset() if seen else frozenset({"interactions"}),
    )


@settings(max_examples=200, deadline=None)
@given(lives)
def test_a_profile_and_a_table_say_the_same(life: Life) -> None:
    acts, cases, papers, seen = life
    records = masked(
        ["s"],
        [("s", item, at, status) for item, at, status in cases],
        [("s", item, kind, at) for item, kind, at in acts],
        [("s", type_, a, b) for type_, a, b in papers],
        frozenset() if seen else frozenset({"s"}),
    )
    windows = pl.DataFrame({"event": ["b", "a"], "subject": ["s", "s"], "landmark": [ON, ON]})
    table = signal_table(windows, records, ITEMS)
    assert np.allclose(table[::-1], signals_of(profile(life), ITEMS, ON))
    holdings = Holdings(("holds=m-id", "holds=m-pass", "obtained=x", "obtained=z"))
    row = holdings.encode(windows.select("subject", "landmark").unique(), records).toarray()[0]
    assert np.flatnonzero(row).tolist() == holdings.encode_one(profile(life), ON).tolist()


def test_what_happens_after_the_day_is_not_known_on_it() -> None:
    tomorrow = END + dt.timedelta(seconds=1)
    records = masked(["s"], [("s", "x", tomorrow, "open")], [("s", "护照", "search", tomorrow)])
    windows = pl.DataFrame({"event": ["a"], "subject": ["s"], "landmark": [ON]})
    (row,) = signal_table(windows, records, ITEMS)
    assert not row[: SIGNALS.index("season_cos")].any()


def test_unknown_behaviour_is_not_no_behaviour() -> None:
    windows = pl.DataFrame({"event": ["a", "a"], "subject": ["s", "t"], "landmark": [ON, ON]})
    table = signal_table(windows, masked(["s", "t"], unobserved=frozenset({"t"})), ITEMS)
    assert table[:, SIGNALS.index("unobserved")].tolist() == [0.0, 1.0]


def test_delicate_services_are_no_holdings() -> None:
    subjects = [f"s{i}" for i in range(30)]
    at = END - dt.timedelta(days=100)
    records = masked(subjects, [(s, item, at, "succeeded") for s in subjects for item in ("x", "cs-aid")])
    days = pl.DataFrame({"subject": subjects, "landmark": [ON] * 30})
    assert fit_holdings(days, records, {"cs-aid"}).names == ("obtained=x",)


def test_a_search_in_words_finds_what_it_means() -> None:
    words = ITEMS.words
    assert words.match("护照") == ("x", "y")
    assert words.match("护照换发怎么办") == ("x",)
    assert words.match("如何补发护照") == ("y",)
    assert words.match("天气") == ()
    assert words.match("") == ()
