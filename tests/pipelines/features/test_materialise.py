"""Materialisation over the real stores: what it writes, again, after a break, and beside Feast's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Theme
from catalog.public_service import PublicService
from catalog.vocabulary import (
    Level,
    Names,
    Nature,
    Origin,
    Procedure,
    Scope,
    Sensitivity,
    SubjectKind,
    ValueType,
)
from features.freshness import default_shelf_life
from features.packing import Statement
from features.registry import apply, open_store
from features.retrieval import OnlineProfiles, Written
from features.schema import ABSENT
from features.statistics_online import read_statistics
from pipelines.features import profiles
from pipelines.features.materialise import MaterialiseReport, materialise, store_location
from records.bulk import insert_rows
from records.database import open_records, writing
from records.settings import Settings
from records.tables import consent, interaction, scope_item, subject

AT = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
UTC = pl.Datetime("us", "UTC")
CITIZEN, SELF = SubjectKind.CITIZEN, Scope.SELF
PEOPLE = [f"c{i}" for i in range(30)]


def _attribute(name: str, type_: ValueType, register: str, **fields: Any) -> Attribute:
    given: dict[str, Any] = {
        "names": Names(name, name),
        "subject": CITIZEN,
        "scope": SELF,
        "authority": "公安",
        "origin": Origin.AUTHORITY,
        "sensitivity": Sensitivity.ORDINARY,
    }
    return Attribute(name=name, type=type_, register=register, **{**given, **fields})


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    attributes = (
        _attribute("birth_date", ValueType.DATE, "public-security"),
        _attribute(
            "age",
            ValueType.NUMBER,
            "public-security",
            derived="years_between(birth_date, on)",
            origin=Origin.DERIVED,
        ),
        _attribute("sex", ValueType.ENUM, "public-security", allowed=("male", "female")),
        _attribute("driver_licence_expiry_date", ValueType.DATE, "traffic", optional=True),
        _attribute("plate", ValueType.ENUM, "traffic", scope=Scope.VEHICLE),
    )
    service = PublicService(
        id="clinic",
        names=Names("门诊", "Clinic"),
        subject=CITIZEN,
        scope=SELF,
        theme="health",
        authority="卫健",
        level=Level.CITY,
        nature=Nature.OTHER,
        procedure=Procedure.ENQUIRY,
        criteria=(),
        legal_basis="law",
    )
    return Catalogue(
        version="v1",
        themes={"health": Theme(id="health", names=Names("健康", "Health"), subject=CITIZEN)},
        consent_groups={},
        attributes={a.name: a for a in attributes},
        parameters={},
        evidence_types={},
        public_services={"clinic": service},
        support_policies={},
        events={},
    )


def _said(settings: Settings, folder: str, name: str, rows: list[dict[str, Any]], **columns: Any) -> None:
    path = settings.attributes_path / folder
    path.mkdir(parents=True, exist_ok=True)
    schema = {"scope_item": pl.String, "observed_at": UTC, **columns}
    pl.DataFrame(rows, schema=schema).write_parquet(path / f"{name}.parquet")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Thirty people, of whom the first twenty let us train on them; one said so and took it back."""
    settings = Settings(home=tmp_path)
    people = [
        {
            "scope_item": id_,
            "observed_at": AT - 20 * DAY,
            "birth_date": dt.date(1956 + i, 11, 1),
            "sex": "female" if i % 2 else "male",
        }
        for i, id_ in enumerate(PEOPLE)
    ]
    _said(settings, "citizen.self/public-security", "1", people, birth_date=pl.Date, sex=pl.String)
    driving = [{"scope_item": "c0", "observed_at": AT - DAY, "has_driver_licence_expiry_date": False}]
    columns = {"driver_licence_expiry_date": pl.Date, "has_driver_licence_expiry_date": pl.Boolean}
    _said(settings, "citizen.self/traffic", "1", driving, **columns)
    _said(
        settings,
        "citizen.vehicle/traffic",
        "1",
        [{"scope_item": "v0", "observed_at": AT - DAY, "plate": "BJ"}],
        plate=pl.String,
    )
    engine = open_records(settings)
    with writing(engine) as connection:
        insert_rows(connection, subject, pl.DataFrame({"id": PEOPLE, "kind": "citizen"}))
        owned = pl.DataFrame({"id": PEOPLE, "scope": "self", "owner": PEOPLE})
        insert_rows(connection, scope_item, owned.with_columns(label=pl.lit(None, pl.String)))
        targets = ("interactions", "attributes:ordinary")
        said = [
            (id_, purpose, target, AT - 9 * DAY, AT - DAY if id_ == "c19" else None, "1")
            for id_ in PEOPLE[:20]
            for purpose in ("train", "aggregate")
            for target in targets
        ]
        names = [column.name for column in consent.columns]
        wanted = ["subject", "purpose", "target", "granted_at", "withdrawn_at", "text_version"]
        schema = dict.fromkeys(wanted, pl.String()) | {"granted_at": UTC, "withdrawn_at": UTC}
        insert_rows(
            connection,
            consent,
            pl.DataFrame(said, schema=schema, orient="row").select(set(names) & set(wanted)),
        )
        viewed = pl.DataFrame(
            {
                "client_id": [f"k{i}" for i in range(30)],
                "subject": PEOPLE,
                "item": "clinic",
                "kind": "view",
                "at": AT - 3 * DAY,
            }
        ).with_columns(pl.col("at").cast(UTC), channel=pl.lit("web"))
        insert_rows(
            connection,
            interaction,
            viewed.select(set(viewed.columns) & {c.name for c in interaction.columns}),
        )
    engine.dispose()
    return settings


def _online(settings: Settings, catalogue: Catalogue) -> OnlineProfiles:
    store = open_store(store_location(settings))
    return OnlineProfiles(store, catalogue, default_shelf_life(), lambda: AT)


def _counts(report: MaterialiseReport) -> dict[str, Written]:
    return {view.view: view.packets for view in report.profiles}


def test_what_registers_said_is_online_and_a_second_run_changes_nothing(
    settings: Settings, catalogue: Catalogue
) -> None:
    told: list[tuple[str, float]] = []
    first = materialise(settings, catalogue, AT, lambda what, share: told.append((what, share)))
    assert _counts(first) == {
        "citizen_profile": Written(31, 0, 0),
        "citizen_vehicle_profile": Written(1, 0, 0),
    }
    assert told[-1] == ("done", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)
    online = _online(settings, catalogue)
    read = online.read(CITIZEN, {SELF: ["c0", "c1"], Scope.VEHICLE: ["v0"]})
    assert read["c0"] == (
        {"birth_date": dt.date(1956, 11, 1), "sex": "male", "driver_licence_expiry_date": ABSENT},
        {"public-security": AT - 20 * DAY, "traffic": AT - DAY},
    )
    assert read["v0"][0] == {"plate": "BJ"}
    before = {file: file.read_bytes() for file in settings.offline_path.rglob("*.parquet")}
    second = materialise(settings, catalogue, AT)
    assert _counts(second) == {
        "citizen_profile": Written(0, 31, 0),
        "citizen_vehicle_profile": Written(0, 1, 0),
    }
    assert {file: file.read_bytes() for file in settings.offline_path.rglob("*.parquet")} == before
    assert online.read(CITIZEN, {SELF: ["c0", "c1"], Scope.VEHICLE: ["v0"]}) == read


def test_a_newer_push_is_not_undone_and_a_newer_statement_is_taken(
    settings: Settings, catalogue: Catalogue
) -> None:
    apply(store_location(settings), catalogue)
    online = _online(settings, catalogue)
    assert online.push(CITIZEN, SELF, "c1", "public-security", Statement(AT - DAY, {"sex": "male"}))
    assert online.push(CITIZEN, SELF, "c2", "public-security", Statement(AT - 30 * DAY, {"sex": "female"}))
    report = materialise(settings, catalogue, AT)
    assert _counts(report)["citizen_profile"] == Written(30, 0, 1)
    assert online.read(CITIZEN, {SELF: ["c1", "c2"]})["c1"][0] == {"sex": "male"}
    assert online.read(CITIZEN, {SELF: ["c1", "c2"]})["c2"][0]["sex"] == "male"


def test_a_run_that_broke_off_is_finished_by_the_next(
    settings: Settings, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "BATCH", 10)

    def pull_the_plug(what: str, share: float) -> None:
        if what.startswith("profiles of citizen, self: 20"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        materialise(settings, catalogue, AT, pull_the_plug)
    report = materialise(settings, catalogue, AT)
    written, unchanged, _ = _counts(report)["citizen_profile"]
    assert unchanged >= 20
    assert written + unchanged == 31
    assert not list(settings.offline_path.rglob("*.part"))


def test_feasts_own_materialisation_of_the_packed_file_answers_the_same(
    settings: Settings, catalogue: Catalogue
) -> None:
    materialise(settings, catalogue, AT)
    ours = _online(settings, catalogue).read(CITIZEN, {SELF: PEOPLE})
    beside = replace(store_location(settings), online=settings.home / "beside.db")
    store = apply(beside, catalogue)
    store.materialize(
        AT - 100 * DAY, AT + DAY, feature_views=["citizen_profile"], disable_event_timestamp=False
    )
    theirs = OnlineProfiles(store, catalogue, default_shelf_life(), lambda: AT).read(CITIZEN, {SELF: PEOPLE})
    assert theirs == ours
    assert len(theirs) == 30


def test_training_history_holds_only_what_was_consented_to(settings: Settings, catalogue: Catalogue) -> None:
    report = materialise(settings, catalogue, AT)
    assert report.named == {"citizen_traits": 30, "citizen_behaviour": 30, "public_service_statistics": 1}
    views = settings.offline_path / "views"
    traits = pl.read_parquet(views / "citizen_traits" / "*.parquet").sort("scope_item")
    known = traits.filter(pl.col("sex").is_not_null())["scope_item"].to_list()
    assert sorted(known) == sorted(PEOPLE[:19])
    assert traits.filter(scope_item="c0")["age_band"].item() == "70..80"
    assert traits.filter(scope_item="c0")["driver_expiry_band"].item() == "none"
    did = pl.read_parquet(views / "citizen_behaviour" / "*.parquet")
    assert (
        did.filter(pl.col("viewed_7d_health") == 1)["scope_item"].to_list()
        == did.filter(pl.col("viewed_7d").is_not_null())["scope_item"].to_list()
    )
    assert did["viewed_7d"].null_count() == 11
    store = open_store(store_location(settings))
    assert read_statistics(store, ["clinic"])["clinic"]["viewed_30d"] == 10, "nineteen, told in whole tens"
    assert read_statistics(store, ["clinic"])["clinic"]["completed_30d"] is None, "too few to be told"


def test_a_feature_service_gives_a_training_set_by_feast(settings: Settings, catalogue: Catalogue) -> None:
    import pandas as pd

    materialise(settings, catalogue, AT - 2 * DAY)
    materialise(settings, catalogue, AT)
    store = open_store(store_location(settings))
    asked = pd.DataFrame({"scope_item": ["c0", "c0", "c25"], "event_timestamp": [AT, AT - 3 * DAY, AT]})
    job = store.get_historical_features(asked, features=store.get_feature_service("life_event_v1"))
    rows = pl.DataFrame(job.to_df().to_dict("list")).sort("scope_item", "event_timestamp")
    assert rows["scope_item"].to_list() == ["c0", "c0", "c25"]
    assert rows["sex"].to_list() == [None, "male", None]


def test_a_later_catalogue_reads_the_history_of_an_earlier(settings: Settings, catalogue: Catalogue) -> None:
    materialise(settings, catalogue, AT - 2 * DAY)
    fewer = {name: a for name, a in catalogue.attributes.items() if name != "sex"}
    later = msgspec.structs.replace(catalogue, attributes=fewer, version="v2")
    assert materialise(settings, later, AT).catalogue_version == "v2"
    traits = pl.read_parquet(settings.offline_path / "views" / "citizen_traits" / "*.parquet")
    assert len(traits) == 60
    assert "sex" not in traits.columns
