"""The champions' folder that serving reads: one artefact a model, swapped whole, the one before kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

_BEFORE: Final = ".before"
"""The folder, beside the champions, of the artefacts they replaced; serving does not look into it."""
_ON_THE_WAY: Final = ".on-the-way"
"""Where an artefact waits until it is whole; one level down, so that serving never sees half of one."""


class NothingToRestore(RuntimeError):
    """A roll-back was asked for, and no earlier champion is kept."""


def install(artefact: Path, models: Path, name: str) -> None:
    """Make `artefact` the champion called `name`; what it replaces is kept for a roll-back."""
    target, before = models / name, models / _BEFORE / name
    arriving = models / _ON_THE_WAY / name
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(artefact, arriving)
    if target.exists():
        shutil.rmtree(before, ignore_errors=True)
        before.parent.mkdir(parents=True, exist_ok=True)
        target.rename(before)
    arriving.rename(target)


def restore(models: Path, name: str) -> None:
    """Put the champion before back; the two change places. Raises NothingToRestore."""
    target, before = models / name, models / _BEFORE / name
    if not before.exists():
        raise NothingToRestore(f"no champion of {name} before the present one is kept in {models}")
    leaving = models / _ON_THE_WAY / name
    shutil.rmtree(leaving, ignore_errors=True)
    leaving.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(leaving)
    before.rename(target)
    if leaving.exists():
        leaving.rename(before)
