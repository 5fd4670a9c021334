"""The compiled catalogue as one file, whose version is the hash of its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from catalog.catalogue import Catalogue

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Catalogue)
_KIND = b"qianmian catalogue 1 "


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
    """Write the compiled catalogue; a reader sees the old file or the new one, never half of it.

    Raises ArtefactError for one whose content is not what its version says.
    """
    if catalogue.version != content_hash(catalogue):
        raise ArtefactError(f"the content is not version {catalogue.version}: seal the catalogue first")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(framed(_ENCODER.encode(catalogue)))
    unfinished.replace(path)


def framed(content: bytes) -> bytes:
    """The file of such content: a line that tells what it is, with the content's checksum, before it.

    The checksum is of the bytes, not of what is understood of them: a program a version older or newer
    reads the file too, leaves fields it does not know and takes the usual for those it misses.
    """
    return _KIND + hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def load(path: Path) -> Catalogue:
    """The compiled catalogue. Raises FileNotFoundError, or ArtefactError for a damaged file."""
    read = path.read_bytes()
    line, _, content = read.partition(b"\n")
    if not line.startswith(_KIND):
        raise ArtefactError(f"{path} is not a catalogue of this program; build it again")
    if framed(content) != read:
        raise ArtefactError(f"{path} is damaged: not what was written; build it again")
    try:
        return _DECODER.decode(content)
    except msgspec.DecodeError as error:
        raise ArtefactError(f"{path} is not a catalogue of this program ({error}); build it again") from error
