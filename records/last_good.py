"""The last good copy of what serves and works: used, and told of, when the newest cannot be."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Final

from catalog.artefact import ArtefactError, load, save
from catalog.catalogue import Catalogue
from models.artifact import MANIFEST

COPIES: Final = ".last-good"

logger = logging.getLogger("qianmian.degraded")


def load_catalogue(path: Path) -> tuple[Catalogue, str | None]:
    """The catalogue at `path`, or its last good copy and what is wrong with the newest.

    Raises FileNotFoundError or ArtefactError where there is no copy either.
    """
    try:
        return load(path), None
    except (FileNotFoundError, ArtefactError) as wrong:
        copy = path.parent / COPIES / path.name
        if not copy.is_file():
            raise
        return load(copy), "missing" if isinstance(wrong, FileNotFoundError) else "damaged"


def keep_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Keep a catalogue that serves as the last good one."""
    copy = path.parent / COPIES / path.name
    try:
        if not copy.is_file() or load(copy).version != catalogue.version:
            save(catalogue, copy)
    except ArtefactError:
        save(catalogue, copy)
    except OSError as error:
        logger.warning("no copy of the catalogue could be kept: %s", type(error).__name__)


def model_copy(folder: Path) -> Path:
    """Where the last good copy of a model's folder is."""
    return folder.parent / COPIES / folder.name


def keep_model(folder: Path) -> None:
    """Keep a model that serves as the last good one of its name."""
    copy = model_copy(folder)
    try:
        if (copy / MANIFEST).is_file() and (copy / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes():
            return
        beside = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(folder, beside)
        shutil.rmtree(copy, ignore_errors=True)
        beside.rename(copy)
    except OSError as error:
        logger.warning("no copy of model %s could be kept: %s", folder.name, type(error).__name__)
