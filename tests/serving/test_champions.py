"""Champions are found by what they say they are, and refused when they are not that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.vocabulary import SubjectKind
from models.affinity.export import KIND, save_affinity
from models.artifact import ARRAYS, MANIFEST, Manifest
from models.ranking.use_model import KIND as USE_KIND
from models.ranking.use_model import UseModel, save_use_models
from serving.app import create_app
from serving.champions import load_champions
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.models.test_learned_signals import affinity
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import SignedInClient

FAVOURITE = "cs-hotline-12345"


def manifest(name: str, kind: str = KIND) -> Manifest:
    return Manifest(
        name=name,
        version="4",
        kind=kind,
        catalogue_version="any",
        feature_service="citizen_traits",
        commit="none",
        trained_to=dt.date(2026, 10, 31),
        metrics={},
    )


@pytest.fixture
def ranked(own_town: ServingSettings) -> Iterator[TestClient]:
    """A server that finds an affinity."""
    save_affinity(
        own_town.models_path / "citizen-affinity", affinity(FAVOURITE), manifest("citizen-affinity")
    )
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        yield client


def test_a_champion_orders_pages_and_both_page_and_readiness_name_it(ranked: TestClient) -> None:
    page = ranked.get("/v1/citizens/c-li/homepage").json()
    assert (page["ordered_by"], page["degraded"]) == ("citizen-affinity 4", [])
    assert page["can_do"][0]["item"] == FAVOURITE
    assert "citizen-affinity 4" in ranked.get("/citizens/c-li").text
    assert ranked.get("/ready").json()["ordered_by"] == {
        "citizen": "citizen-affinity 4",
        "enterprise": "rules",
    }


def test_duties_stand_as_they_stood_without_it(ranked: TestClient, client: TestClient) -> None:
    path = "/v1/citizens/c-li/homepage"
    with_model, without = ranked.get(path).json(), client.get(path).json()
    assert with_model["should_do"] == without["should_do"]
    for section in ("can_do", "upcoming", "needs_information", "in_progress", "done"):
        names = [
            sorted((e["item"], e["scope_item"]) for e in page[section]) for page in (with_model, without)
        ]
        assert names[0] == names[1]


def test_who_did_not_agree_to_ranking_is_in_rule_order(ranked: TestClient) -> None:
    page = ranked.get("/v1/citizens/c-wang/homepage").json()
    assert (page["ordered_by"], page["degraded"]) == ("rules", [])
    assert all(entry["score"] is None for entry in page["can_do"])


@pytest.mark.parametrize("spoil", ["arrays", "manifest", "kind", "empty"])
def test_a_damaged_or_unknown_artefact_is_refused_and_pages_go_on(
    own_town: ServingSettings, spoil: str
) -> None:
    folder = own_town.models_path / "citizen-affinity"
    save_affinity(folder, affinity(FAVOURITE), manifest("citizen-affinity"))
    match spoil:
        case "arrays":
            content = bytearray((folder / ARRAYS).read_bytes())
            content[len(content) // 2] ^= 0xFF
            (folder / ARRAYS).write_bytes(content)
        case "manifest":
            told = (folder / MANIFEST).read_text("utf-8").replace('"version":"4"', '"version":"5"')
            (folder / MANIFEST).write_text(told, "utf-8")
        case "kind":
            told = (folder / MANIFEST).read_text("utf-8").replace(KIND, "affinity.oracle.1")
            (folder / MANIFEST).write_text(told, "utf-8")
        case "empty":
            (folder / MANIFEST).write_bytes(b"")
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        page = client.get("/v1/citizens/c-li/homepage").json()
        assert (page["ordered_by"], page["degraded"]) == ("rules", ["model_missing"])
        refused = client.get("/ready").json()["models_refused"]
    assert [line.split(":")[0] for line in refused] == ["citizen-affinity"]


def test_no_model_at_all_is_no_error(tmp_path: Path, parts: Parts) -> None:
    loaded = load_champions(tmp_path / "models", parts.catalogue)
    assert (loaded.champions.names, loaded.refused) == ({}, ())


def test_a_learned_order_of_pages_is_found_and_tells_its_reasons(own_town: ServingSettings) -> None:
    """A page ranking that has seen many take up one service puts it first, and says why."""
    models = {
        SubjectKind.CITIZEN: UseModel({"what:always": -3.0, f"what:item={FAVOURITE}": 5.0}, {"what": -3.0})
    }
    save_use_models(own_town.models_path / "page-ranking", models, manifest("page-ranking", USE_KIND))
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        page = client.get("/v1/citizens/c-li/homepage").json()
    assert page["ordered_by"] == "page-ranking 4"
    first = page["can_do"][0]
    assert first["item"] == FAVOURITE
    assert "ranked_by_usual" in {reason["code"] for reason in first["reasons"]}
