"""Champions change places whole, and can change back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.promote.champion_folder import NothingToRestore, install, restore


def artefact(folder: Path, says: str) -> Path:
    made = folder / f"artefact-{says}"
    made.mkdir()
    (made / "manifest.json").write_text(says, encoding="utf8")
    return made


def champion(models: Path) -> str:
    return (models / "affinity" / "manifest.json").read_text(encoding="utf8")


def test_the_champion_before_comes_back_and_goes_again(tmp_path: Path) -> None:
    models = tmp_path / "models"
    install(artefact(tmp_path, "one"), models, "affinity")
    install(artefact(tmp_path, "two"), models, "affinity")
    assert champion(models) == "two"

    restore(models, "affinity")
    assert champion(models) == "one"
    restore(models, "affinity")
    assert champion(models) == "two"


def test_serving_sees_only_the_champions(tmp_path: Path) -> None:
    models = tmp_path / "models"
    for says in ("one", "two", "three"):
        install(artefact(tmp_path, says), models, "affinity")
    assert [path.parent.name for path in models.glob("*/manifest.json")] == ["affinity"]


def test_there_is_nothing_to_go_back_to_at_first(tmp_path: Path) -> None:
    models = tmp_path / "models"
    install(artefact(tmp_path, "one"), models, "affinity")
    with pytest.raises(NothingToRestore, match="affinity"):
        restore(models, "affinity")
    assert champion(models) == "one"
