"""The compiled catalogue: versioned by its content, refused when damaged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from catalog.artefact import ArtefactError, content_hash, framed, load, save, sealed
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
    save(load_catalogue(sound), path)
    whole = path.read_bytes()
    for spoilt in (whole[:-20], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(spoilt)
        with pytest.raises(ArtefactError, match="damaged"):
            load(path)
    for other in (b"", b"\x00" * 40, framed(b"\xc1")):
        path.write_bytes(other)
        with pytest.raises(ArtefactError, match="build it again"):
            load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.msgpack")


def test_content_that_is_not_its_version_is_not_written(sound: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="seal"):
        save(msgspec.structs.replace(load_catalogue(sound), synthetic=True), tmp_path / "catalogue.msgpack")


def test_the_version_before_and_the_one_after_are_read_as_well(sound: Path, tmp_path: Path) -> None:
    catalogue = load_catalogue(sound)
    content = msgspec.msgpack.decode(msgspec.msgpack.encode(catalogue))
    after = {**content, "said_later": [1]}
    service = next(iter(after["public_services"].values()))
    service["said_later"] = "x"
    path = tmp_path / "catalogue.msgpack"
    path.write_bytes(framed(msgspec.msgpack.encode(after)))
    assert load(path) == catalogue
    before = {name: value for name, value in content.items() if name != "synthetic"}
    path.write_bytes(framed(msgspec.msgpack.encode(before)))
    assert load(path) == catalogue
