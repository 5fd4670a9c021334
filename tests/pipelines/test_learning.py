"""A town is learned from, judged and promoted; nothing leaks from the future or the withheld."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from sqlalchemy import select

import catalog
import pipelines.city
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from models.affinity.export import load_affinity
from models.life_event_forecast.export import load_forecasters
from models.life_event_forecast.labels import load_labels
from models.policy_package.uptake_export import load_uptake
from models.ranking.use_model import load_use_models
from pipelines.city.build import build
from pipelines.city.world_loader import load_world
from pipelines.evaluate.outcome import OUTCOME, Outcome
from pipelines.evaluate.run import EvaluateReport, evaluate
from pipelines.ingest import ingest
from pipelines.promote import PromoteReport, promote
from pipelines.train import TrainReport, train
from pipelines.train.affinity_data import affinity_dataset
from pipelines.train.forecast_data import labels_of, learning_data
from pipelines.train.ground import Ground, read_grounds
from pipelines.train.landmarks import landmarks
from pipelines.train.recipe import AFFINITY, FORECAST, MODELS, PACKAGE, RANKING
from pipelines.train.tracking import mlflow_at
from records.database import open_records, reading
from records.settings import Settings, now_in_utc
from records.tables import scope_item
from records.tables import subject as subjects

pytestmark = pytest.mark.slow
ON = dt.date(2026, 6, 10)
EARLIER = dt.date(2026, 3, 1)


@dataclass(frozen=True)
class Town:
    """A town's records, and what became of learning from them."""

    settings: Settings
    catalogue: Catalogue
    trained: TrainReport
    evaluated: EvaluateReport
    promoted: PromoteReport


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("learning") / "var", today=ON)
    catalogue = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(catalogue, settings.catalogue_path)
    plain = load_world(Path(pipelines.city.__file__).parent / "worlds" / "small.yaml")
    world = msgspec.structs.replace(plain, citizens=360, enterprises=260, months_history=20)
    city = build(world, catalogue, seed=3, as_of=ON, out=settings.city_path / world.world)
    ingest(city.out, settings, catalogue, now_in_utc(settings))
    return settings


@pytest.fixture(scope="module")
def the_catalogue(settings: Settings) -> Catalogue:
    return artefact.load(settings.catalogue_path)


@pytest.fixture(scope="module")
def town(settings: Settings, the_catalogue: Catalogue) -> Town:
    trained = train(settings, the_catalogue, ON, seed=1)
    evaluated = evaluate(settings, the_catalogue, ON)
    return Town(settings, the_catalogue, trained, evaluated, promote(settings))


def test_every_model_is_learned_or_says_why_not(town: Town) -> None:
    assert [model.model for model in town.trained.models] == list(MODELS)
    learned = {model.model for model in town.trained.models if model.version is not None}
    assert {AFFINITY, FORECAST, PACKAGE} <= learned, town.trained.models
    for model in town.trained.models:
        assert (model.version is None) == (model.model in model.left_out)
        assert model.trained_to is None or model.trained_to < ON


def test_a_version_carries_card_signature_catalogue_and_commit(town: Town) -> None:
    with mlflow_at(town.settings) as mlflow:
        client = mlflow.MlflowClient()
        for model in (m for m in town.trained.models if m.version is not None):
            version = client.get_model_version(model.model, model.version)
            assert version.tags["catalogue_version"] == town.catalogue.version
            assert version.tags["synthetic"] == "true"
            assert version.tags["commit"]
            run = client.get_run(version.run_id)
            assert run.data.params["seed"] == "1"
            assert any(name.startswith("holdout.") for name in run.data.metrics)
            files = {file.path for file in client.list_artifacts(version.run_id)}
            assert {"model_card.md", OUTCOME} <= files
            card = Path(client.download_artifacts(version.run_id, "model_card.md")).read_text("utf-8")
            assert "合成数据" in card
            loaded = mlflow.pyfunc.load_model(f"models:/{model.model}/{model.version}")
            assert loaded.metadata.signature is not None
            assert len(loaded.predict(loaded.input_example)) == 1


def test_each_is_judged_beside_its_baselines(town: Town) -> None:
    judged = {one.model: one for one in town.evaluated.evaluations if not one.says}
    affinity = judged[AFFINITY]
    assert {"model", "popularity", "rule order"} <= set(affinity.estimates)
    assert affinity.estimates["model"].mean > affinity.estimates["rule order"].mean
    assert 0 < affinity.metrics["coverage_at_10"] <= 1
    assert "cold_ndcg_at_10" in affinity.metrics
    ranking = judged[RANKING]
    assert {"model", "fixed weights", "popularity", "rule order"} <= set(ranking.estimates)
    assert ranking.estimates["model"].mean > ranking.estimates["rule order"].mean
    assert ranking.estimates["model"].mean > ranking.estimates["popularity"].mean
    for one in judged.values():
        found = one.estimates["model"]
        assert found.low <= found.mean <= found.high


def test_what_is_promoted_can_be_served_without_mlflow(town: Town) -> None:
    champions = {d.model for d in town.promoted.decisions if d.promoted}
    assert AFFINITY in champions
    loaders = {
        AFFINITY: load_affinity,
        PACKAGE: load_uptake,
        FORECAST: load_forecasters,
        RANKING: load_use_models,
    }
    for name in champions:
        _, manifest = loaders[name](town.settings.models_path / name)
        assert manifest.name == name
        assert manifest.catalogue_version == town.catalogue.version


def test_the_same_records_and_seed_give_an_equal_challenger_which_is_no_worse(town: Town) -> None:
    train(town.settings, town.catalogue, ON, seed=1)
    again = {one.model: one for one in evaluate(town.settings, town.catalogue, ON).evaluations}
    champions = {d.model for d in town.promoted.decisions if d.promoted}
    for name in champions:
        assert again[name].reference.startswith("champion")
        assert again[name].differences[again[name].reference].mean == pytest.approx(0.0, abs=1e-9)
    decided = {d.model: d for d in promote(town.settings).decisions}
    for name in champions:
        assert decided[name].promoted, decided[name].says


def test_the_gates_document_is_of_the_version_and_whole(town: Town) -> None:
    with mlflow_at(town.settings) as mlflow:
        client = mlflow.MlflowClient()
        version = client.get_model_version(AFFINITY, town.trained.models[0].version)
        path = Path(client.download_artifacts(version.run_id, OUTCOME))
        outcome = msgspec.json.decode(path.read_bytes(), type=Outcome)
    assert outcome.version == str(version.version)  # MLflow gives a number
    assert len(outcome.values) == len(outcome.reference_values) > 0
    assert not outcome.faults
    assert {group.dimension for group in outcome.groups} >= {"age", "sex", "hukou", "district"}


def test_the_package_answers_with_the_rules_own_verdicts(town: Town) -> None:
    version = next(m.version for m in town.trained.models if m.model == PACKAGE)
    with mlflow_at(town.settings) as mlflow:
        loaded = mlflow.pyfunc.load_model(f"models:/{PACKAGE}/{version}")
        row = loaded.input_example.copy()
        policies = sorted(town.catalogue.support_policies)[:3]
        verdicts = dict(zip(policies, ("true", "false", "unknown"), strict=True))
        row["verdicts"] = json.dumps(verdicts)
        package = json.loads(loaded.predict(row)["package"][0])
    shown = {entry["item"] for group in package["groups"] for entry in group["entries"]}
    assert shown == {policies[0]}


@pytest.fixture
def grounds(settings: Settings, the_catalogue: Catalogue) -> Iterator[dict[SubjectKind, Ground]]:
    yield read_grounds(settings, the_catalogue, ON)


def test_nobody_who_did_not_consent_is_learned_from(grounds: dict[SubjectKind, Ground]) -> None:
    for ground in grounds.values():
        consenting = ground.consents.filter(pl.col("purpose") == "train")["subject"].unique().to_list()
        owners = ground.records.scope_items.select(scope_item="id", subject="owner")
        seen = {
            *ground.records.interactions["subject"],
            *ground.records.cases.join(owners, on="scope_item")["subject"],
            *ground.records.evidence.join(owners, on="scope_item")["subject"],
        }
        assert seen
        assert seen <= set(consenting)
        assert seen < set(ground.subjects["subject"])
        told = ground.traits(ON).filter(pl.any_horizontal(pl.exclude("subject").is_not_null()))["subject"]
        assert set(told) <= set(consenting)


def test_what_happens_later_does_not_change_what_is_learned_until_a_day(
    settings: Settings, the_catalogue: Catalogue, grounds: dict[SubjectKind, Ground]
) -> None:
    ground = grounds[SubjectKind.CITIZEN]
    then = read_grounds(settings, the_catalogue, EARLIER)[SubjectKind.CITIZEN]
    then.on = ON  # consents as they stand now, the records of then
    now_data, _, now_subjects = affinity_dataset(ground, EARLIER)
    then_data, _, then_subjects = affinity_dataset(then, EARLIER)
    assert now_subjects.to_list() == then_subjects.to_list()
    assert now_data.subject_features.names == then_data.subject_features.names
    assert (now_data.subject_features.matrix != then_data.subject_features.matrix).nnz == 0
    for name in ("subject", "item", "weight", "time"):
        assert np.array_equal(getattr(now_data.interactions, name), getattr(then_data.interactions, name))
    labels = labels_of(load_labels(the_catalogue), the_catalogue, SubjectKind.CITIZEN)
    days = landmarks(ground.first_day, EARLIER)[-3:]
    now_windows = learning_data(ground, labels, EARLIER, days)
    then_windows = learning_data(then, labels, EARLIER, days)
    assert now_windows.windows.equals(then_windows.windows)
    assert np.array_equal(now_windows.cases.signals, then_windows.cases.signals)


def test_no_model_and_no_run_names_anybody(town: Town) -> None:
    """What an erasure cannot take out of a model must not be in one: no id of a subject or its things."""
    engine = open_records(town.settings)
    with reading(engine) as connection:
        ids = [*connection.execute(select(subjects.c.id)).scalars()]
        ids += connection.execute(select(scope_item.c.id)).scalars()
    engine.dispose()
    anybody = re.compile(b"|".join(sorted({re.escape(id_.encode()) for id_ in ids})))
    folders = (town.settings.models_path, town.settings.mlartifacts_path)
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    files += town.settings.home.glob("mlflow.db*")
    assert len(files) > 10
    assert {str(file) for file in files if anybody.search(unpacked(file))} == set()


def unpacked(file: Path) -> bytes:
    """A file's bytes, those of archives and tables uncompressed."""
    if file.suffix == ".parquet":
        return pl.read_parquet(file).write_json().encode()
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    return file.read_bytes()
