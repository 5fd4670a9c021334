"""Profiles of an earlier day know nothing of what came later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import catalog
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from features.schema import Profile, RecordTables
from features.statements import AttributeHistory
from privacy.consent import Consent
from privacy.gate import targets
from privacy.mask import mask
from privacy.policy_file import default_policy
from records.past_profiles import PastProfiles, known_by_then

CATALOGUE = load_catalogue(Path(catalog.__file__).parent / "data")
ON = dt.date(2026, 3, 31)
SECRET = next(paper for _, paper in sorted(CATALOGUE.evidence_types.items()) if paper.consent_group)


def at(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, 4, tzinfo=dt.UTC)


def table(rows: list[dict[str, object]], **types: pl.DataType) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


INSTANT = pl.Datetime("us", "UTC")
RECORDS = RecordTables(
    kind=SubjectKind.CITIZEN,
    scope_items=table(
        [
            {"id": "c-1", "scope": "self", "owner": "c-1", "label": None},
            {"id": "s-old", "scope": "child", "owner": "c-1", "label": "小满"},
            {"id": "s-new", "scope": "child", "owner": "c-1", "label": "小雨"},
            {"id": "v-1", "scope": "vehicle", "owner": "c-1", "label": None},
            {"id": "c-2", "scope": "self", "owner": "c-2", "label": None},
        ],
        label=pl.String(),
    ),
    evidence=table(
        [
            {"id": "p-1", "scope_item": "c-1", "type": "m-photo", "valid_from": dt.date(2026, 1, 1)},
            {"id": "p-2", "scope_item": "c-1", "type": "m-photo", "valid_from": dt.date(2026, 4, 2)},
            {"id": "p-3", "scope_item": "v-1", "type": SECRET.id, "valid_from": dt.date(2026, 1, 1)},
        ]
    ).with_columns(valid_to=pl.lit(None, pl.Date), source=pl.lit("upload")),
    cases=table(
        [
            {"id": "k-1", "status": "succeeded", "opened_at": at(3, 20), "closed_at": at(4, 5)},
            {"id": "k-2", "status": "failed", "opened_at": at(2, 1), "closed_at": at(2, 3)},
            {"id": "k-3", "status": "succeeded", "opened_at": at(4, 1), "closed_at": at(4, 1)},
        ],
        opened_at=INSTANT,
        closed_at=INSTANT,
    ).with_columns(
        scope_item=pl.lit("c-1"), item=pl.lit("cs-social-card"), cycle=pl.lit("once"), channel=pl.lit("hall")
    ),
    interactions=table(
        [
            {"client_id": "i-1", "subject": "c-1", "at": at(3, 1)},
            {"client_id": "i-2", "subject": "c-1", "at": at(3, 30)},
            {"client_id": "i-3", "subject": "c-1", "at": at(4, 1)},
            {"client_id": "i-4", "subject": "c-2", "at": at(1, 1)},
        ],
        at=INSTANT,
    ).with_columns(
        kind=pl.lit("view"),
        item=pl.lit("cs-social-card"),
        scope_item=pl.lit(None, pl.String),
        channel=pl.lit(None, pl.String),
        query=pl.lit(None, pl.String),
        slate=pl.lit(None, pl.String),
        position=pl.lit(None, pl.Int64),
        propensity=pl.lit(None, pl.Float64),
    ),
    relations=pl.DataFrame(
        schema={
            **dict.fromkeys(("subject", "other", "kind", "scope"), pl.String),
            "valid_from": pl.Date,
            "valid_to": pl.Date,
        }
    ),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Profile]:
    root = tmp_path_factory.mktemp("history")
    own = CATALOGUE.attributes["employment_status"]
    said = root / "citizen.self" / own.register
    said.mkdir(parents=True)
    statements = [
        ("c-1", at(1, 1), "employed"),
        ("c-1", at(4, 2), "unemployed"),
        ("c-2", at(4, 2), "retired"),
    ]
    table(
        [{"scope_item": who, "observed_at": when, own.name: what} for who, when, what in statements],
        observed_at=INSTANT,
    ).write_parquet(said / "all.parquet")
    born = CATALOGUE.attributes["child_birth_date"]
    told = root / "citizen.child" / born.register
    told.mkdir(parents=True)
    children = [("s-old", at(1, 1), dt.date(2020, 1, 1)), ("s-new", at(4, 3), dt.date(2026, 4, 1))]
    table(
        [{"scope_item": who, "observed_at": when, born.name: what} for who, when, what in children],
        observed_at=INSTANT,
    ).write_parquet(told / "all.parquet")
    return PastProfiles(RECORDS, AttributeHistory(root, CATALOGUE)).read(["c-2", "c-1"], ON)


def test_what_registers_said_later_is_not_heard(read: dict[str, Profile]) -> None:
    itself = read["c-1"].scope_items[0]
    assert itself.attributes["employment_status"] == "employed"
    assert set(itself.as_of.values()) == {at(1, 1)}
    assert "employment_status" not in read["c-2"].scope_items[0].attributes


def test_a_child_nobody_had_spoken_of_is_not_there(read: dict[str, Profile]) -> None:
    assert [item.id for item in read["c-1"].scope_items] == ["c-1", "s-old", "v-1"]
    assert [item.id for item in read["c-2"].scope_items] == ["c-2"]


def test_a_case_closed_later_is_open_and_one_opened_later_is_none(read: dict[str, Profile]) -> None:
    cases = {case.id: (case.status, case.closed_at) for case in read["c-1"].scope_items[0].cases}
    assert cases == {"k-1": ("open", None), "k-2": ("failed", at(2, 3))}


def test_papers_and_acts_of_later_are_left_out(read: dict[str, Profile]) -> None:
    assert [paper.id for paper in read["c-1"].scope_items[0].evidence] == ["p-1"]
    assert [act.client_id for act in read["c-1"].interactions] == ["i-2", "i-1"]
    assert [act.client_id for act in read["c-2"].interactions] == ["i-4"]


def test_what_only_a_secret_paper_tells_of_is_not_known_of(read: dict[str, Profile]) -> None:
    both = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    asked = targets(CATALOGUE, default_policy(), SubjectKind.CITIZEN, "assess")
    said = tuple(Consent("c-1", "assess", target, both, None, "1") for target in asked)
    kept = {
        consents: [
            item.id
            for item in known_by_then(mask(read["c-1"], "assess", consents, CATALOGUE, at(5, 1))).scope_items
        ]
        for consents in ((), said)
    }
    assert "v-1" not in kept[()]
    assert "v-1" in kept[said]


def test_what_was_done_about_a_thing_goes_with_it(read: dict[str, Profile]) -> None:
    of = "c-1"
    profile = read[of]
    done = replace(profile.interactions[0], client_id="i-5", scope_item="v-1")
    told = Consent(of, "assess", "interactions", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, "1")
    seen = mask(
        replace(profile, interactions=(done, *profile.interactions)), "assess", [told], CATALOGUE, at(5, 1)
    )
    assert {act.client_id for act in seen.interactions} == {"i-1", "i-2", "i-5"}
    assert {act.client_id for act in known_by_then(seen).interactions} == {"i-1", "i-2"}
