"""Artefacts: what is read is exactly what was written, or nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.artifact import ARRAYS, MANIFEST, ArtifactError, load_artifact, save_artifact
from tests import contracts

KIND = contracts.MANIFEST.kind
VALUES = {"weights": np.arange(12, dtype=np.float32).reshape(3, 4), "counts": np.array([1, 2, 3])}
SPECIFICATION = {"items": ["a", "b"], "power": 0.5}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    save_artifact(folder, contracts.MANIFEST, SPECIFICATION, VALUES)
    return folder


def test_manifest_specification_and_arrays_come_back(saved):
    loaded = load_artifact(saved, KIND)
    assert loaded.manifest == contracts.MANIFEST
    assert loaded.specification == SPECIFICATION
    for name, array in VALUES.items():
        np.testing.assert_array_equal(loaded.arrays[name], array)
        assert not loaded.arrays[name].flags.writeable


def test_saving_again_replaces_the_whole(saved):
    save_artifact(saved, contracts.MANIFEST, {}, {"other": np.zeros(2)})
    assert set(load_artifact(saved, KIND).arrays) == {"other"}
    assert sorted(path.name for path in saved.parent.iterdir()) == ["model"]


@pytest.mark.parametrize("file", [MANIFEST, ARRAYS])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(saved, file, place, bit):
    path = saved / file
    good = path.read_bytes()
    bad = bytearray(good)
    bad[int(place * len(bad))] ^= 1 << bit
    path.write_bytes(bytes(bad))
    try:
        with pytest.raises(ArtifactError) as refused:
            load_artifact(saved, KIND)
        assert refused.value.code in {"checksum", "schema"}
    finally:
        path.write_bytes(good)


def test_another_kind_is_refused(saved):
    with pytest.raises(ArtifactError, match="wanted forecast") as refused:
        load_artifact(saved, "forecast.1")
    assert refused.value.code == "schema"


def test_a_missing_file_is_told(saved):
    (saved / ARRAYS).unlink()
    with pytest.raises(ArtifactError) as refused:
        load_artifact(saved, KIND)
    assert refused.value.code == "missing"


def test_metrics_altered_by_hand_are_noticed(saved):
    told = json.loads((saved / MANIFEST).read_text("utf8"))
    told["manifest"]["metrics"]["ndcg10"] = 0.99
    (saved / MANIFEST).write_text(json.dumps(told), "utf8")
    with pytest.raises(ArtifactError) as refused:
        load_artifact(saved, KIND)
    assert refused.value.code == "checksum"


@pytest.mark.parametrize("bad", [np.array([1.0, np.nan]), np.array([np.inf]), np.array(["text"])])
def test_what_is_no_finite_number_is_never_saved(tmp_path, bad):
    with pytest.raises(ArtifactError) as refused:
        save_artifact(tmp_path / "model", contracts.MANIFEST, {}, {"weights": bad})
    assert refused.value.code == "values"
    assert not (tmp_path / "model").exists()
