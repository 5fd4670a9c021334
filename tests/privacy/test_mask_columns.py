"""The mask on columns agrees with the mask of one subject, row by row."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.packing import attributes_of_row
from features.schema import ABSENT, COLUMN_TYPES, Profile, PurposeName, ScopeTable
from privacy.consent import Consent
from privacy.mask import mask, mask_records, mask_table
from tests.privacy.as_columns import consents_as_columns, records_as_columns
from tests.privacy.drawn_profiles import AT, profiles_of

OPTIONAL = ("licence_expiry", "disability_grade", "child_hukou")
SELF = (
    "birth_date",
    "insured",
    "licence_expiry",
    "is_disabled",
    "disability_grade",
    "income",
    "wants_licence",
)
VEHICLE = ("plate", "vehicle_seized")
CHILD = ("child_birth_date", "child_hukou")
STATED = frozenset({*SELF, *VEHICLE, *CHILD})
"""What registers state in a table; flags and what is derived come with it."""

instants = st.sampled_from([AT + n * dt.timedelta(days=1) for n in (-2, -1, 0, 1)])
populations = st.tuples(profiles_of("a", STATED), profiles_of("b", STATED))


@pytest.fixture(scope="module")
def consents(targets: tuple[str, ...]) -> st.SearchStrategy[list[Consent]]:
    return st.lists(
        st.builds(
            Consent,
            subject=st.sampled_from(["a", "b", "somebody"]),
            purpose=st.sampled_from(["assess", "train"]),
            target=st.sampled_from([*targets, "never"]),
            granted_at=instants,
            withdrawn_at=st.none() | instants,
            text_version=st.just("v1"),
        ),
        max_size=15,
    )


def _table(catalogue: Catalogue, population: tuple[Profile, ...], scope: Scope) -> ScopeTable:
    names = dict.fromkeys([*(SELF), *({"vehicle": VEHICLE, "child": CHILD, "self": ()}[scope])])
    schema: dict[str, pl.DataType] = {"scope_item": pl.String(), "subject": pl.String()}
    schema |= {name: COLUMN_TYPES[catalogue.attributes[name].type] for name in names}
    optional = [name for name in OPTIONAL if name in names]
    schema |= {f"has_{name}": pl.Boolean() for name in optional}
    schema |= {"age": pl.Float64(), "alien": pl.Boolean()}
    rows = []
    for profile in population:
        for item in profile.scope_items:
            if item.scope == scope:
                told = {**profile.scope_items[0].attributes, **item.attributes}
                row = {n: v for n, v in told.items() if v is not ABSENT}
                flags = {f"has_{n}": told[n] is not ABSENT for n in optional if n in told}
                rows.append(
                    {"scope_item": item.id, "subject": item.owner, **row, **flags, "age": 1.0, "alien": True}
                )
    return ScopeTable(SubjectKind.CITIZEN, scope, pl.DataFrame(rows, schema=schema))


@settings(max_examples=150)
@given(
    population=populations,
    scope=st.sampled_from([Scope.SELF, Scope.VEHICLE, Scope.CHILD]),
    purpose=st.sampled_from(["assess", "train"]),
    data=st.data(),
)
def test_tables_agree_with_profiles(
    catalogue: Catalogue,
    consents: st.SearchStrategy[list[Consent]],
    population: tuple[Profile, ...],
    scope: Scope,
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    said = data.draw(consents)
    masked = mask_table(
        _table(catalogue, population, scope), purpose, consents_as_columns(said), catalogue, AT
    )
    names = [*SELF, *VEHICLE, *CHILD]
    told = {row["scope_item"]: attributes_of_row(row, names) for row in masked.frame.iter_rows(named=True)}
    expected = {}
    for profile in population:
        seen = mask(profile, purpose, said, catalogue, AT)
        for item in seen.scope_items:
            if item.scope == scope:
                expected[item.id] = {**seen.itself.attributes, **item.attributes}
    assert told == expected
    assert not {"age", "alien"} & set(masked.frame.columns)


@settings(max_examples=150)
@given(population=populations, purpose=st.sampled_from(["assess", "train"]), data=st.data())
def test_records_agree_with_profiles(
    catalogue: Catalogue,
    consents: st.SearchStrategy[list[Consent]],
    population: tuple[Profile, ...],
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    said = data.draw(consents)
    masked = mask_records(records_as_columns(population), purpose, consents_as_columns(said), catalogue, AT)
    seen = [mask(profile, purpose, said, catalogue, AT) for profile in population]
    items = [item for profile in seen for item in profile.scope_items]
    assert masked.scope_items["id"].to_list() == [item.id for item in items]
    assert masked.evidence["id"].to_list() == [p.id for item in items for p in item.evidence]
    assert masked.cases["id"].to_list() == [c.id for item in items for c in item.cases]
    assert masked.interactions.select("subject", "item", "scope_item").rows() == [
        (p.subject, d.item, d.scope_item) for p in seen for d in p.interactions
    ]
    assert masked.relations.rows() == [(r.subject, r.kind) for p in seen for r in p.relations]
    assert masked.consultations["id"].to_list() == [a.id for p in seen for a in p.consultations]
    assert masked.ratings.select("subject", "item").rows() == [
        (p.subject, r.item) for p in seen for r in p.ratings
    ]
    told = ("interactions", "consultations", "ratings")
    never = {"consultations", "ratings"} if purpose == "assess" else set()
    assert masked.observed.rows() == [
        (p.subject, *(name not in p.withheld and name not in never for name in told)) for p in seen
    ]
