"""Deleted tags leave a training set as they leave a page: row by row the same."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.named import traits_of
from features.packing import attributes_of_row
from features.schema import (
    COLUMN_TYPES,
    Case,
    Evidence,
    Interaction,
    MaskedProfile,
    MaskedRecordTables,
    MaskedTable,
    Profile,
    ScopeItem,
    ScopeTable,
    Value,
)
from privacy.consent import Consent
from privacy.gate import targets
from privacy.mask import mask, mask_records, mask_table
from privacy.policy_file import default_policy
from privacy.tag_columns import deleting, no_tags, records_without_tags, table_without_tags
from privacy.tags import PAPERS, SEARCHED, theme_tag, without_tags
from tests.privacy.as_columns import consents_as_columns, records_as_columns
from tests.privacy.real_catalogue import CATALOGUE

CITIZEN = SubjectKind.CITIZEN
AT = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
ITEMS = ("cs-family-doctor", "cs-hf-rent", "cs-primary-enrolment")
TOLD: dict[str, Value] = {"birth_date": dt.date(1990, 5, 6), "sex": "female", "residence_district": "haidian"}
PEOPLE = ("a", "b")
TAGS = [
    *(f"trait:{name}" for name in sorted(traits_of(CATALOGUE, CITIZEN))),
    *sorted({str(theme_tag(sort, item, CATALOGUE)) for item in ITEMS for sort in ("did", "past")}),
    SEARCHED,
    PAPERS,
]
CONSENTS = [
    Consent(who, "train", target, AT - dt.timedelta(days=9), None, "1")
    for who in PEOPLE
    for target in targets(CATALOGUE, default_policy(), CITIZEN, "train")
]


def person(who: str) -> Profile:
    papers = (Evidence(f"{who}p", who, "m-id-card", None, None, "authority"),)
    cases = tuple(Case(f"{who}{item}", who, item, "once", "open", None, AT, None) for item in ITEMS)
    acts = [Interaction(f"{who}{item}", "click", AT, item=item) for item in ITEMS]
    acts.append(Interaction(f"{who}s", "search", AT, query="公积金"))
    itself = ScopeItem(who, Scope.SELF, who, None, TOLD, {}, papers, cases)
    return Profile(who, CITIZEN, (itself,), tuple(acts))


def records() -> MaskedRecordTables:
    tables = records_as_columns([person(who) for who in PEOPLE])
    return mask_records(tables, "train", consents_as_columns(CONSENTS), CATALOGUE, AT)


def table() -> MaskedTable:
    schema: dict[str, pl.DataType] = {"scope_item": pl.String(), "subject": pl.String()}
    schema |= {name: COLUMN_TYPES[CATALOGUE.attributes[name].type] for name in TOLD}
    schema |= {presence("residence_district"): pl.Boolean()}
    rows = [{"scope_item": w, "subject": w, **TOLD, presence("residence_district"): True} for w in PEOPLE]
    whole = ScopeTable(CITIZEN, Scope.SELF, pl.DataFrame(rows, schema=schema))
    return mask_table(whole, "train", consents_as_columns(CONSENTS), CATALOGUE, AT)


def seen_of(who: str, deleted: frozenset[str]) -> MaskedProfile:
    masked = mask(person(who), "train", CONSENTS, CATALOGUE, AT)
    return without_tags(masked, deleted, CATALOGUE)


def frame(deleted: dict[str, frozenset[str]]) -> pl.DataFrame:
    rows = [(who, tag) for who, tags in deleted.items() for tag in sorted(tags)]
    return pl.DataFrame(rows, schema={"subject": pl.String, "tag": pl.String}, orient="row")


deletions = st.fixed_dictionaries({who: st.frozensets(st.sampled_from(TAGS), max_size=6) for who in PEOPLE})


@pytest.mark.slow
@given(deletions)
def test_columns_agree_with_profiles(deleted: dict[str, frozenset[str]]) -> None:
    seen = [seen_of(who, deleted[who]) for who in PEOPLE]
    left = records_without_tags(records(), frame(deleted), CATALOGUE)
    assert left.cases["id"].to_list() == [c.id for p in seen for c in p.itself.cases]
    assert left.evidence["id"].to_list() == [e.id for p in seen for e in p.itself.evidence]
    assert left.interactions["client_id"].to_list() == [d.client_id for p in seen for d in p.interactions]
    told = table_without_tags(table(), frame(deleted), CATALOGUE).frame
    assert told["subject"].to_list() == list(PEOPLE)
    for row, profile in zip(told.iter_rows(named=True), seen, strict=True):
        assert attributes_of_row(row, list(TOLD)) == dict(profile.itself.attributes)


def test_nothing_deleted_is_nothing_changed() -> None:
    assert records_without_tags(records(), no_tags(), CATALOGUE).cases.equals(records().cases)
    assert table_without_tags(table(), no_tags(), CATALOGUE).frame.equals(table().frame)


def test_of_whom_a_tag_hides_what_would_tell_nothing_is_concluded() -> None:
    item, other, _ = ITEMS
    tag = str(theme_tag("past", item, CATALOGUE))
    deleted = frame({"a": frozenset({tag, "trait:sex"}), "b": frozenset({PAPERS})})
    assert deleting(deleted, CATALOGUE, CITIZEN, cases=[item]).to_list() == ["a"]
    assert deleting(deleted, CATALOGUE, CITIZEN, cases=[other]).to_list() == []
    assert deleting(deleted, CATALOGUE, CITIZEN, evidence=["m-id-card"]).to_list() == ["b"]
    assert deleting(deleted, CATALOGUE, CITIZEN, attributes=["sex"]).to_list() == ["a"]
