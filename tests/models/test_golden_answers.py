"""What a learned model answers to fixed questions is stored with it: names out of order do not get in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from catalog.vocabulary import SubjectKind
from models.affinity import export as affinity
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.artifact import ArtifactError, Manifest, asked, load_artifact, save_artifact
from models.ranking import use_model
from tests import contracts

ITEMS = ("cs-a", "cs-b", "cs-c")


def manifest(kind: str) -> Manifest:
    return msgspec.structs.replace(contracts.MANIFEST, kind=kind)


def learned() -> LinearAffinity:
    """Features, a history and a constant, each of which says something else of each item."""
    encoder = InputEncoder(features=("age>=60", "sex=female"), history=ITEMS, constant=True)
    numbers = np.random.default_rng(1).normal(size=(encoder.width, len(ITEMS)))
    return LinearAffinity(ITEMS, (LinearBlock(encoder, frozen(numbers)),), frozen([0.1, 0.2, 0.3]))


def put_again(folder: Path, kind: str, change: Any) -> None:
    """Store what is there otherwise, sealed as any other, with the answers of the model that was learned."""
    stored = load_artifact(folder, kind)
    change(stored.specification)
    save_artifact(folder, stored.manifest, stored.specification, stored.arrays, stored.golden)


def swap(names: list[Any]) -> None:
    names[0], names[1] = names[1], names[0]


def swap_features(form: dict[str, Any]) -> None:
    swap(form["blocks"][0]["encoder"]["features"])


def swap_history(form: dict[str, Any]) -> None:
    swap(form["blocks"][0]["encoder"]["history"])


def swap_items(form: dict[str, Any]) -> None:
    swap(form["items"])


@pytest.mark.parametrize("change", [swap_features, swap_history, swap_items])
def test_names_in_another_order_than_the_numbers_are_refused(tmp_path: Path, change: Any) -> None:
    affinity.save_affinity(tmp_path / "m", learned(), manifest(affinity.KIND))
    loaded, _ = affinity.load_affinity(tmp_path / "m")
    assert loaded.items == ITEMS
    put_again(tmp_path / "m", affinity.KIND, change)
    with pytest.raises(ArtifactError) as refused:
        affinity.load_affinity(tmp_path / "m")
    assert refused.value.code == "golden"


@pytest.mark.parametrize("part", ["terms", "families"])
def test_terms_in_another_order_are_refused(tmp_path: Path, part: str) -> None:
    weights = {"like:affinity": 0.8, "effort:missing>=2": -0.5, "time:due<=30": 0.4}
    usual = {"like": 0.2, "effort": -0.1}
    models = {SubjectKind.CITIZEN: use_model.UseModel(weights, usual)}
    use_model.save_use_models(tmp_path / "m", models, manifest(use_model.KIND))
    assert use_model.load_use_models(tmp_path / "m")[0] == models
    put_again(tmp_path / "m", use_model.KIND, lambda parts: swap(parts["citizen"][part]))
    with pytest.raises(ArtifactError) as refused:
        use_model.load_use_models(tmp_path / "m")
    assert refused.value.code == "golden"


def test_a_model_without_answers_is_refused(tmp_path: Path) -> None:
    affinity.save_affinity(tmp_path / "m", learned(), manifest(affinity.KIND))
    stored = load_artifact(tmp_path / "m", affinity.KIND)
    save_artifact(tmp_path / "m", stored.manifest, stored.specification, stored.arrays)
    with pytest.raises(ArtifactError) as refused:
        affinity.load_affinity(tmp_path / "m")
    assert refused.value.code == "golden"


def test_the_questions_are_the_same_in_any_order() -> None:
    names = [f"feature={at}" for at in range(40)]
    assert asked(names) == asked(reversed(names))
    assert sorted(name for names in asked(names) for name in names) == sorted(names)
