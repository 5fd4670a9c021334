"""Standings on disk: a folder a scoring, in it a Parquet file and a slip a partition, a manifest at the end.

<home>/standings/2026-11-21/1/begun.json            what is being scored, written first
                              part-0003.parquet     a partition, there whole or not at all
                              part-0003.json        its slip: counts and hash; complete once this is there
                              manifest.json         all slips; the scoring is complete once this is there
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import polars as pl

from models.standing.standings_table import COLUMNS
from records.partitions import partition_of

MANIFEST: Final = "manifest.json"
BEGUN: Final = "begun.json"
_Shape = TypeVar("_Shape", bound=msgspec.Struct)


class StandingsError(RuntimeError):
    """Standings that cannot be used; says what is wrong and what to do."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What is being scored, and by what."""

    as_of: str
    partitions: int
    catalogue_version: str
    policy_version: str
    purpose: str
    ordered_by: str = "rules"
    """What the order of what can be done was learned from."""


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One complete partition."""

    partition: int
    subjects: int
    rows: int
    sha256: str
    read_at: dt.datetime
    """What came into the records later is not in it."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A complete scoring."""

    begun: Begun
    parts: tuple[Slip, ...]
    subjects: int
    rows: int


@dataclass(frozen=True, slots=True)
class Standings:
    """The folder of one scoring."""

    folder: Path

    @property
    def name(self) -> str:
        """Its day and number, as records and reports call it: `2026-11-21/1`."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def on(self) -> dt.date:
        """The day scored."""
        return dt.date.fromisoformat(self.folder.parent.name)

    @property
    def begun(self) -> Begun | None:
        """What was begun; None before anything was."""
        return _read(self.folder / BEGUN, Begun)

    @property
    def manifest(self) -> Manifest | None:
        """All of it, once it is complete."""
        return _read(self.folder / MANIFEST, Manifest)

    def begin(self, begun: Begun) -> None:
        """Note what is being scored."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / BEGUN, msgspec.json.format(msgspec.json.encode(begun)))

    def sweep(self) -> None:
        """Remove what processes that are no more have left unfinished."""
        for left in self.folder.glob(".*.*"):
            process = left.name.split(".")[1]
            if process.isdecimal() and not _is_running(int(process)):
                left.unlink(missing_ok=True)

    def slip(self, partition: int) -> Slip | None:
        """The slip of a partition that is complete, its file as it was written; None otherwise."""
        slip = _read(self._slip(partition), Slip)
        file = self._file(partition)
        return slip if slip is not None and file.is_file() and _sha256(file) == slip.sha256 else None

    def write(self, partition: int, frame: pl.DataFrame, subjects: int, read_at: dt.datetime) -> Slip:
        """Put a partition in its place, whole, in the columns of the standings file."""
        if frame.schema != pl.Schema(COLUMNS):
            raise ValueError(f"standings have the columns {list(COLUMNS)}, not {frame.columns}")
        file = self._file(partition)
        part = _unfinished(file)
        frame.write_parquet(part, compression="zstd", statistics=True)
        _into_place(part, file)
        slip = Slip(
            partition=partition,
            subjects=subjects,
            rows=frame.height,
            sha256=_sha256(file),
            read_at=read_at,
        )
        _write(self._slip(partition), msgspec.json.encode(slip))
        return slip

    def complete(self, begun: Begun) -> Manifest:
        """Make a scoring visible, every partition of which is complete. StandingsError if one is not."""
        slips = [self.slip(partition) for partition in range(begun.partitions)]
        missing = [str(at) for at, slip in enumerate(slips) if slip is None]
        if missing:
            raise StandingsError(
                f"{self.name}: partitions {', '.join(missing)} are not complete; score again"
            )
        parts = tuple(slip for slip in slips if slip is not None)
        manifest = Manifest(
            begun=begun,
            parts=parts,
            subjects=sum(slip.subjects for slip in parts),
            rows=sum(slip.rows for slip in parts),
        )
        _write(self.folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        return manifest

    def read_at(self) -> dt.datetime:
        """The instant from which on the records may say more than these standings."""
        manifest = self.manifest
        if manifest is None:
            raise StandingsError(f"{self.name} is not complete; run `qianmian score --as-of {self.on}` again")
        return min(slip.read_at for slip in manifest.parts)

    def read(self, partition: int, of: int) -> pl.DataFrame:
        """The standings of one partition out of so many, be they written in as many or not.

        StandingsError where the scoring is not complete. A file that lacks rows is taken as it is: an erasure
        takes a subject out of every file, and nothing else may change one.
        """
        manifest = self.manifest
        if manifest is None:
            raise StandingsError(f"{self.name} is not complete; run `qianmian score --as-of {self.on}` again")
        if manifest.begun.partitions == of:
            return self._read_part(manifest.parts[partition])
        found = [pl.DataFrame(schema=dict(COLUMNS))]
        for slip in manifest.parts:
            frame = self._read_part(slip)
            subjects = frame["subject"].unique()
            mine = subjects.filter(partition_of(subjects, of) == partition)
            found.append(frame.join(mine.to_frame(), on="subject", how="semi", maintain_order="left"))
        return pl.concat(found)

    def of_subject(self, subject: str, partition: int) -> pl.DataFrame:
        """One subject's standings out of the partition they belong to."""
        rows = pl.scan_parquet(self._file(partition)).filter(pl.col("subject") == subject)
        return rows.collect()

    def _read_part(self, slip: Slip) -> pl.DataFrame:
        file = self._file(slip.partition)
        try:
            frame = pl.read_parquet(file)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise StandingsError(
                f"{file} cannot be read ({type(error).__name__}); score the day again"
            ) from error
        if frame.schema != pl.Schema(COLUMNS) or frame.height > slip.rows:
            raise StandingsError(f"{file} is not what its manifest says; score the day again")
        return frame

    def _file(self, partition: int) -> Path:
        return self.folder / f"part-{partition:04}.parquet"

    def _slip(self, partition: int) -> Path:
        return self.folder / f"part-{partition:04}.json"


def scorings(path: Path) -> Iterator[Standings]:
    """Every scoring that was begun, oldest first."""
    found = [Standings(begun.parent) for begun in path.glob(f"*/*/{BEGUN}")]
    yield from sorted(found, key=lambda each: (each.on, int(each.folder.name)))


def _read(file: Path, shape: type[_Shape]) -> _Shape | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=shape)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise StandingsError(f"{file} cannot be read ({error}); remove its folder and score again") from error


def _write(file: Path, content: bytes) -> None:
    part = _unfinished(file)
    part.write_bytes(content)
    _into_place(part, file)


def _unfinished(file: Path) -> Path:
    """A name of this process's own, so that two at once never write into one file.

    It ends as the finished one's does, for an erasure goes through whatever a broken off run has left too.
    """
    return file.with_name(f".{os.getpid()}.{file.name}")


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _into_place(part: Path, file: Path) -> None:
    """The finished file in its place at once, even if the power fails."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.replace(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
