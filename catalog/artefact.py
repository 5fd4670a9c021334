"""The compiled catalogue as one file, whose version is the hash of its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from catalog.catalogue import Catalogue

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Catalogue)


class ArtefactError(ValueError):
    """A compiled catalogue that cannot be read, or whose content is not what its version says."""


def sealed(catalogue: Catalogue) -> Catalogue:
    """The catalogue with its version: the hash of all its content."""
    return msgspec.structs.replace(catalogue, version=content_hash(catalogue))


def content_hash(catalogue: Catalogue) -> str:
    """Sixteen hex digits that any change of the content changes."""
    content = _ENCODER.encode(msgspec.structs.replace(catalogue, version=""))
    return hashlib.sha256(content).hexdigest()[:16]


def save(catalogue: Catalogue, path: Path) -> None:
    """Write the compiled catalogue; a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(_ENCODER.encode(catalogue))
    unfinished.replace(path)


def load(path: Path) -> Catalogue:
    """The compiled catalogue. Raises FileNotFoundError, or ArtefactError for a damaged file."""
    try:
        catalogue = _DECODER.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise ArtefactError(f"{path} is not a catalogue of this program ({error}); build it again") from error
    if catalogue.version != content_hash(catalogue):
        raise ArtefactError(
            f"{path} is damaged: its content is not version {catalogue.version}; build it again"
        )
    return catalogue
