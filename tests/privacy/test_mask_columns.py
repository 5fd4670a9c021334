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
from features.schema import (
    ABSENT,
    COLUMN_TYPES,
    Case,
    Consultation,
    Evidence,
    Interaction,
    Profile,
    PurposeName,
    Rating,
    RecordTables,
    Relation,
    ScopeItem,
    ScopeTable,
    Value,
)
from privacy.consent import Consent
from privacy.mask import mask, mask_records, mask_table

AT = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
UTC = pl.Datetime("us", "UTC")
ITEMS = ("licence-renewal", "disability-allowance", "divorce", "first-licence", "birth-registration", "alien")
PAPERS = ("licence", "disability-card", "allowance-notice", "household-book", "alien")
OPTIONAL = ("licence_expiry", "disability_grade")
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

dates = st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1))
numbers = st.floats(allow_nan=False, allow_infinity=False)
attributes: dict[str, st.SearchStrategy[Value]] = {
    "birth_date": dates,
    "insured": st.booleans(),
    "licence_expiry": dates | st.just(ABSENT),
    "is_disabled": st.booleans(),
    "disability_grade": numbers | st.just(ABSENT),
    "income": numbers,
    "wants_licence": st.booleans(),
    "plate": st.sampled_from(["BJ", "other"]),
    "vehicle_seized": st.booleans(),
    "child_birth_date": dates,
    "child_hukou": st.booleans(),
}
instants = st.sampled_from(
    [AT - dt.timedelta(days=2), AT - dt.timedelta(days=1), AT, AT + dt.timedelta(days=1)]
)


def _things(owner: str, id_: str, scope: Scope, names: tuple[str, ...]) -> st.SearchStrategy[ScopeItem]:
    return st.builds(
        lambda told, papers, items: ScopeItem(
            id_,
            scope,
            owner,
            attributes=told,
            evidence=tuple(Evidence(f"{id_}{t}", id_, t, None, None, "authority") for t in papers),
            cases=tuple(Case(f"{id_}{i}", id_, i, "2026", "open", None, AT, None) for i in items),
        ),
        st.fixed_dictionaries({}, optional={name: attributes[name] for name in names}),
        st.lists(st.sampled_from(PAPERS), unique=True, max_size=3),
        st.lists(st.sampled_from(ITEMS), unique=True, max_size=3),
    )


def _subject(id_: str) -> st.SearchStrategy[Profile]:
    done = st.builds(
        Interaction,
        client_id=st.just("k"),
        kind=st.just("view"),
        at=st.just(AT),
        item=st.none() | st.sampled_from(ITEMS),
        scope_item=st.sampled_from([None, id_, f"{id_}v", f"{id_}k"]),
    )
    asked = st.sampled_from([*ITEMS, "health", "else"]).map(
        lambda topic: Consultation(f"{id_}{topic}", topic, "hotline", None, None, AT)
    )
    rated = st.sampled_from(ITEMS).map(lambda item: Rating(item, 3, "web", AT))
    related = st.sampled_from(["guardian", "proxy"]).map(
        lambda kind: Relation(id_, "other", kind, None, None, None)
    )
    return st.builds(
        lambda itself, vehicle, child, did, rel, questions, opinions: Profile(
            id_,
            SubjectKind.CITIZEN,
            (itself, vehicle, child),
            tuple(did),
            tuple(rel),
            tuple(questions),
            tuple(opinions),
        ),
        _things(id_, id_, Scope.SELF, SELF),
        _things(id_, f"{id_}v", Scope.VEHICLE, VEHICLE),
        _things(id_, f"{id_}k", Scope.CHILD, CHILD),
        st.lists(done, max_size=3),
        st.lists(related, max_size=2),
        st.lists(asked, max_size=3),
        st.lists(rated, max_size=3),
    )


populations = st.tuples(_subject("a"), _subject("b"))


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


def _consent_frame(consents: list[Consent]) -> pl.DataFrame:
    return pl.DataFrame(
        [[c.subject, c.purpose, c.target, c.granted_at, c.withdrawn_at, c.text_version] for c in consents],
        schema={
            "subject": pl.String,
            "purpose": pl.String,
            "target": pl.String,
            "granted_at": UTC,
            "withdrawn_at": UTC,
            "text_version": pl.String,
        },
        orient="row",
    )


def _table(catalogue: Catalogue, population: tuple[Profile, ...], scope: Scope) -> ScopeTable:
    names = dict.fromkeys([*(SELF), *({"vehicle": VEHICLE, "child": CHILD, "self": ()}[scope])])
    schema: dict[str, pl.DataType] = {"scope_item": pl.String(), "subject": pl.String()}
    schema |= {name: COLUMN_TYPES[catalogue.attributes[name].type] for name in names}
    schema |= {f"has_{name}": pl.Boolean() for name in OPTIONAL} | {
        "age": pl.Float64(),
        "alien": pl.Boolean(),
    }
    rows = []
    for profile in population:
        for item in profile.scope_items:
            if item.scope == scope:
                told = {**profile.scope_items[0].attributes, **item.attributes}
                row = {n: v for n, v in told.items() if v is not ABSENT}
                flags = {f"has_{n}": told[n] is not ABSENT for n in OPTIONAL if n in told}
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
    masked = mask_table(_table(catalogue, population, scope), purpose, _consent_frame(said), catalogue, AT)
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


def _records(population: tuple[Profile, ...]) -> RecordTables:
    items = [item for profile in population for item in profile.scope_items]
    text = pl.String
    return RecordTables(
        SubjectKind.CITIZEN,
        scope_items=pl.DataFrame(
            [[item.id, str(item.scope), item.owner] for item in items],
            schema={"id": text, "scope": text, "owner": text},
            orient="row",
        ),
        evidence=pl.DataFrame(
            [[p.id, p.scope_item, p.type] for item in items for p in item.evidence],
            schema={"id": text, "scope_item": text, "type": text},
            orient="row",
        ),
        cases=pl.DataFrame(
            [[c.id, c.scope_item, c.item] for item in items for c in item.cases],
            schema={"id": text, "scope_item": text, "item": text},
            orient="row",
        ),
        interactions=pl.DataFrame(
            [[p.subject, d.item, d.scope_item] for p in population for d in p.interactions],
            schema={"subject": text, "item": text, "scope_item": text},
            orient="row",
        ),
        consultations=pl.DataFrame(
            [[a.id, p.subject, a.topic] for p in population for a in p.consultations],
            schema={"id": text, "subject": text, "topic": text},
            orient="row",
        ),
        ratings=pl.DataFrame(
            [[p.subject, r.item] for p in population for r in p.ratings],
            schema={"subject": text, "item": text},
            orient="row",
        ),
        relations=pl.DataFrame(
            [[r.subject, r.kind] for profile in population for r in profile.relations],
            schema={"subject": text, "kind": text},
            orient="row",
        ),
    )


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
    masked = mask_records(_records(population), purpose, _consent_frame(said), catalogue, AT)
    seen = [mask(profile, purpose, said, catalogue, AT) for profile in population]
    items = [item for profile in seen for item in profile.scope_items]
    assert masked.scope_items["id"].to_list() == [item.id for item in items]
    assert masked.evidence["id"].to_list() == [p.id for item in items for p in item.evidence]
    assert masked.cases["id"].to_list() == [c.id for item in items for c in item.cases]
    assert masked.interactions.rows() == [
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
