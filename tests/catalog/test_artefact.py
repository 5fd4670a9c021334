"""The compiled catalogue: versioned by its content, refused when damaged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from catalog.artefact import ArtefactError, content_hash, load, save, sealed
from catalog.loader import load_catalogue


def test_yaml_to_artefact_and_back_is_the_same(sound: Path, tmp_path: Path) -> None:
    catalogue = load_catalogue(sound)
    save(catalogue, tmp_path / "deep" / "catalogue.msgpack")
    assert load(tmp_path / "deep" / "catalogue.msgpack") == catalogue


def test_any_change_of_content_changes_the_version(sound: Path) -> None:
    before = load_catalogue(sound)
    path = sound / "public_services" / "senior-card.yaml"
    path.write_text(path.read_text(encoding="utf8").replace("age >= 60", "age >= 61"), encoding="utf8")
    assert load_catalogue(sound).version != before.version


def test_the_version_says_nothing_of_itself(sound: Path) -> None:
    catalogue = load_catalogue(sound)
    renamed = msgspec.structs.replace(catalogue, version="other")
    assert content_hash(renamed) == catalogue.version
    assert sealed(renamed) == catalogue


def test_a_damaged_artefact_is_refused(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.msgpack"
    catalogue = load_catalogue(sound)
    save(msgspec.structs.replace(catalogue, synthetic=True), path)
    with pytest.raises(ArtefactError, match="damaged"):
        load(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArtefactError, match="build it again"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.msgpack")
