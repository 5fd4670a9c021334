"""Named features: what they say on a day, and that one subject and a table of many agree."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.named import all_traits, behaviour, counts_of, missing_traits, traits_of
from features.schema import (
    ABSENT,
    COLUMN_TYPES,
    Interaction,
    MaskedProfile,
    MaskedTable,
    ScopeItem,
    Value,
)
from features.transforms import behaviours, service_statistics, traits, traits_of_profile

ON = dt.date(2026, 11, 1)
AT = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
UTC = pl.Datetime("us", "UTC")
CITIZEN = SubjectKind.CITIZEN
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return load_catalogue(ROOT / "catalog" / "data")


def _profile(subject: str, told: dict[str, Value]) -> MaskedProfile:
    itself = ScopeItem(subject, Scope.SELF, subject, attributes=told)
    return MaskedProfile(subject, CITIZEN, "rank", (itself,), (), (), frozenset())


def _table(catalogue: Catalogue, people: list[dict[str, Value]]) -> MaskedTable:
    stored = [a for a in catalogue.attributes.values() if a.derived is None and a.scope is Scope.SELF]
    stored = [a for a in stored if a.subject == CITIZEN]
    schema: dict[str, Any] = {"scope_item": pl.String, "subject": pl.String}
    schema |= {a.name: COLUMN_TYPES[a.type] for a in stored}
    schema |= {presence(a.name): pl.Boolean for a in stored if a.optional}
    rows = []
    for number, told in enumerate(people):
        row: dict[str, Any] = {"scope_item": f"c{number}", "subject": f"c{number}"}
        row |= {name: value for name, value in told.items() if value is not ABSENT}
        row |= {
            presence(name): value is not ABSENT for name, value in told.items() if presence(name) in schema
        }
        rows.append(row)
    return MaskedTable(CITIZEN, Scope.SELF, "train", pl.DataFrame(rows, schema=schema))


def test_traits_are_bands_and_words_on_a_day(catalogue: Catalogue) -> None:
    people: list[dict[str, Value]] = [
        {"birth_date": dt.date(1966, 11, 1), "sex": "female", "hukou_province": "BJ"},
        {"birth_date": dt.date(1966, 11, 2)},
        {},
    ]
    frame = traits(_table(catalogue, people), catalogue, ON)
    assert frame.columns == ["subject", "age_band", "sex", "hukou"]
    assert set(frame.schema.dtypes()) == {pl.String}
    assert frame.rows() == [
        ("c0", "60..65", "female", "BJ"),
        ("c1", "55..60", None, None),
        ("c2", None, None, None),
    ]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_one_subject_has_the_traits_it_has_in_a_table(real: Catalogue, data: st.DataObject) -> None:
    values: dict[ValueType, st.SearchStrategy[Value]] = {
        ValueType.BOOLEAN: st.booleans(),
        ValueType.NUMBER: st.integers(0, 200).map(float),
        ValueType.DATE: st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)),
    }
    kinds: dict[str, st.SearchStrategy[Value]] = {}
    sources = {trait.attribute for trait in traits_of(real, CITIZEN).values()} | {
        "birth_date",
        "graduation_date",
    }
    for name in sorted(sources):
        attribute = real.attributes[name]
        if attribute.derived is None:
            value = values[attribute.type] if attribute.type in values else st.sampled_from(attribute.allowed)
            kinds[name] = value | st.just(ABSENT) if attribute.optional else value
    people = data.draw(st.lists(st.fixed_dictionaries({}, optional=kinds), min_size=1, max_size=3))
    frame = traits(_table(real, people), real, ON)
    for number, (told, row) in enumerate(zip(people, frame.iter_rows(named=True), strict=True)):
        alone = traits_of_profile(_profile(f"c{number}", told), real, ON)
        assert {"subject": f"c{number}", **alone} == row


def test_every_trait_has_its_attribute_and_bands_where_it_needs_them(real: Catalogue) -> None:
    for kind in SubjectKind:
        assert missing_traits(real, kind) == ()
        for name, trait in all_traits()[kind].items():
            type_ = real.attributes[trait.attribute].type
            assert bool(trait.cuts) == (type_ in (ValueType.NUMBER, ValueType.DATE)), name
            assert list(trait.cuts) == sorted(set(trait.cuts)), name


def test_a_catalogue_without_an_attribute_has_not_its_trait(catalogue: Catalogue) -> None:
    assert "pregnant" in missing_traits(catalogue, CITIZEN)
    assert traits_of(catalogue, CITIZEN).keys() == {"age_band", "sex", "hukou"}


actions = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["view", "click", "search", "start", "submit", "complete", "dismiss", "impression"]),
        st.sampled_from(["first-card", "clinic", "elsewhere", None]),
        st.integers(-2 * 86_400, 800 * 86_400),
    ),
    max_size=25,
)
THEME = {"first-card": "identity", "clinic": "health"}


def _did(rows: list[tuple[str, str, str | None, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(who, kind, item, AT - dt.timedelta(seconds=ago)) for who, kind, item, ago in rows],
        schema={"subject": pl.String, "kind": pl.String, "item": pl.String, "at": UTC},
        orient="row",
    )


@settings(deadline=None)
@given(actions)
def test_behaviour_counts_what_was_done_and_leaves_unknown_what_may_not_be_known(
    catalogue: Catalogue, rows: list[tuple[str, str, str | None, int]]
) -> None:
    rows = [row for row in rows if row[0] != "c"]
    observed = pl.DataFrame({"subject": ["c", "b", "a"], "interactions": [False, True, True]})
    frame = behaviours(_did(rows), observed, catalogue, CITIZEN, AT)
    assert frame["subject"].to_list() == ["c", "b", "a"]
    assert set(frame.drop("subject").schema.dtypes()) == {pl.Int64}
    told = {row["subject"]: row for row in frame.iter_rows(named=True)}
    assert set(told["c"].values()) == {"c", None}
    for who in "ab":
        mine = [(kind, item, ago) for subject, kind, item, ago in rows if subject == who and ago > 0]
        for count in counts_of(catalogue, CITIZEN):
            assert told[who][count.name] == sum(
                kind in count.kinds
                and ago // 86_400 < count.days
                and (not count.theme or THEME.get(item or "") == count.theme)
                for kind, item, ago in mine
            )
        assert told[who]["days_since_last"] == min((ago // 86_400 for *_, ago in mine), default=None)


@settings(deadline=None)
@given(actions)
def test_statistics_count_the_use_of_every_service(
    catalogue: Catalogue, rows: list[tuple[str, str, str | None, int]]
) -> None:
    frame = service_statistics(_did(rows), catalogue, AT)
    assert frame["item"].to_list() == ["clinic", "first-card"]
    for row in frame.iter_rows(named=True):
        for days in behaviour().statistics_days:
            assert row[f"completed_{days}d"] == sum(
                kind == "complete" and item == row["item"] and ago > 0 and ago // 86_400 < days
                for _, kind, item, ago in rows
            )


def test_what_is_done_later_is_not_counted(catalogue: Catalogue) -> None:
    observed = pl.DataFrame({"subject": ["a"], "interactions": [True]})
    frame = behaviours(_did([("a", "view", "clinic", 0)]), observed, catalogue, CITIZEN, AT)
    assert frame["viewed_7d"].item() == 0


def test_kinds_counted_are_kinds_there_are() -> None:
    kinds = [kind for counted in behaviour().counted.values() for kind in counted.kinds]
    assert len(kinds) == len(set(kinds))
    for kind in kinds:
        assert Interaction("client", kind, AT).kind == kind
