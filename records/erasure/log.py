"""The erasure log: tokens of whom was erased, beside the stores and never in them.

It outlives a restore from backup: whoever is in the log is erased again. A token is made with a key that
no store holds, of an id that nobody keeps.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from privacy.pseudonym import Pseudonyms
from records.keys import Secrets


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One erasure: the tokens of the subject (first) and of its scope items, and whether it is done."""

    at: dt.datetime
    tokens: tuple[str, ...]
    done: bool


def erasure_tokens(secrets: Secrets) -> Pseudonyms:
    """Who makes the tokens. Their key serves nothing else."""
    key = secrets["pseudonym"]
    versions = {str(version): made for version, made in key.derived("erasure").items()}
    return Pseudonyms(versions, str(key.current), "erasure")


@dataclass(frozen=True, slots=True)
class ErasureLog:
    """The log in its file; lines are added, never changed."""

    path: Path

    def add(self, at: dt.datetime, tokens: Iterable[str], *, done: bool) -> None:
        """Write a line that will be there after a power cut."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = msgspec.json.encode(Line(at, tuple(tokens), done)) + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self) -> Iterator[Line]:
        """Every line, oldest first. A last one that a power cut tore is left out."""
        if not self.path.exists():
            return
        for text in self.path.read_bytes().splitlines(keepends=True):
            if text.endswith(b"\n"):
                yield msgspec.json.decode(text, type=Line)

    def tokens(self) -> frozenset[str]:
        """The tokens of all that was ever erased, or was to be."""
        return frozenset(token for line in self.lines() for token in line.tokens)
