"""A small sound catalogue to break in one place, and the real one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.faults import CatalogueError, Fault
from catalog.loader import load_catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real() -> Catalogue:
    return load_catalogue(ROOT / "catalog" / "data")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A copy of the small sound catalogue."""
    folder = tmp_path / "catalogue"
    shutil.copytree(Path(__file__).parent / "sound", folder)
    return folder


Break = Callable[[str, str, str], list[Fault]]


@pytest.fixture
def broken(sound: Path) -> Break:
    """Replaces a text in a file of the sound catalogue, and gives the faults of what results."""

    def break_(file: str, old: str, new: str) -> list[Fault]:
        path = sound / file
        text = path.read_text(encoding="utf8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf8")
        with pytest.raises(CatalogueError) as raised:
            load_catalogue(sound)
        return list(raised.value.faults)

    return break_
