"""The way out by file, for letters that are printed: each batch a folder that appears whole or not at all.

<folder>/<time>-<digest>/letters.jsonl     one letter a line
<folder>/<time>-<digest>/manifest.json     how many, their keys, and the digest of the file
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from serving.delivery.outcome import Outcome
from serving.delivery.parcel import Parcel
from serving.delivery.rendering import as_text
from serving.delivery.webhook_form import Text
from serving.delivery.wording import Unsayable, Worded

LETTERS, MANIFEST = "letters.jsonl", "manifest.json"
_PART: Final = ".part-"
_ABANDONED: Final = dt.timedelta(hours=1)
Word = Callable[[Parcel], Worded]


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One letter to print."""

    key: str
    to: str
    title: Text
    text: str
    """In both languages, Chinese first."""
    expires_at: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """What a batch holds; a receiver applies each key once."""

    version: str
    made_at: dt.datetime
    count: int
    sha256: str
    keys: tuple[str, ...]


class ByFile:
    """Puts letters down in a folder. A key that lies there already is not put down again."""

    def __init__(self, folder: Path, word: Word, clock: Callable[[], dt.datetime]) -> None:
        self._folder, self._word, self._clock = folder, word, clock

    def send(self, parcels: Sequence[Parcel], until: dt.datetime) -> Sequence[Outcome]:
        """Put the letters down as one batch."""
        at = self._clock()
        if at > until:
            return [Outcome(each.key, "unsent") for each in parcels]
        outcomes: list[Outcome] = []
        letters: list[Letter] = []
        try:
            there = self._keys() if any(each.taken_over for each in parcels) else {}
        except OSError as error:
            return [Outcome(each.key, "channel", type(error).__name__) for each in parcels]
        for parcel in parcels:
            if parcel.key in there:
                outcomes.append(Outcome(parcel.key, "delivered", receipt=there[parcel.key]))
            elif parcel.expires_at is not None and parcel.expires_at <= at:
                outcomes.append(Outcome(parcel.key, "unsent", "expired"))
            else:
                try:
                    letters.append(_letter(parcel, self._word(parcel)))
                except Unsayable:
                    outcomes.append(Outcome(parcel.key, "permanent", "unsayable"))
        return outcomes + (self._put_down(letters, at) if letters else [])

    def close(self) -> None:
        """Nothing is held open."""

    def _put_down(self, letters: Sequence[Letter], at: dt.datetime) -> list[Outcome]:
        lines = b"".join(msgspec.json.encode(letter) + b"\n" for letter in letters)
        digest = hashlib.sha256(lines).hexdigest()
        name = f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}-{digest[:12]}"
        manifest = Manifest("1", at, len(letters), digest, tuple(letter.key for letter in letters))
        try:
            self._clear_abandoned(at)
            part = self._folder / f"{_PART}{name}"
            part.mkdir(mode=0o700, parents=True)
            _write(part / LETTERS, lines)
            _write(part / MANIFEST, msgspec.json.encode(manifest) + b"\n")
            _sync(part)
            part.rename(self._folder / name)
            _sync(self._folder)
        except OSError as error:
            return [Outcome(letter.key, "channel", type(error).__name__) for letter in letters]
        return [Outcome(letter.key, "delivered", receipt=name) for letter in letters]

    def _keys(self) -> dict[str, str]:
        """Which keys lie in the folder, and in which batch."""
        return {key: name for name, manifest in manifests(self._folder) for key in manifest.keys}

    def _clear_abandoned(self, at: dt.datetime) -> None:
        """Remove what a killed process began long ago."""
        for part in self._folder.glob(f"{_PART}*"):
            if dt.datetime.fromtimestamp(part.stat().st_mtime, dt.UTC) < at - _ABANDONED:
                shutil.rmtree(part, ignore_errors=True)


def manifests(folder: Path) -> Iterator[tuple[str, Manifest]]:
    """The whole batches of a folder, oldest first."""
    for path in sorted(folder.glob(f"[!.]*/{MANIFEST}")):
        try:
            yield path.parent.name, msgspec.json.decode(path.read_bytes(), type=Manifest)
        except FileNotFoundError:
            continue  # collected in this moment


def _letter(parcel: Parcel, worded: Worded) -> Letter:
    return Letter(
        key=parcel.key,
        to=parcel.address,
        title=Text(worded["zh"].title, worded["en"].title),
        text=as_text(worded),
        expires_at=None if parcel.expires_at is None else parcel.expires_at.isoformat(),
    )


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
