"""Takes a subject out of files: Parquet, CSV and JSON are written anew without the rows that name them."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl

PLAIN: Final = frozenset({".csv", ".json", ".jsonl"})
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of a subject and of its scope items, and how to find one within a longer text."""

    ids: frozenset[str]

    @property
    def within(self) -> re.Pattern[str]:
        """An id standing by itself: `c-1` is not found in `c-12` or `c-1-child`."""
        each = "|".join(re.escape(id_) for id_ in sorted(self.ids, key=len, reverse=True))
        return re.compile(rf"(?<![\w-])(?:{each})(?![\w-])")


def scrub(folder: Path, ids: Iterable[str]) -> int:
    """Remove every row that names one of the ids from the tables below a folder; how many there were.

    A file changes whole or not at all; one that names nobody is not touched.
    """
    named = Ids(frozenset(ids))
    if not folder.exists() or not named.ids:
        return 0
    removed = sum(_parquet(file, named) for file in sorted(folder.rglob("*.parquet")))
    found = re.compile(b"|".join(re.escape(id_.encode()) for id_ in sorted(named.ids)))
    for file in sorted(path for path in folder.rglob("*") if path.suffix in PLAIN and path.is_file()):
        if found.search(file.read_bytes()):
            removed += _csv(file, named.within) if file.suffix == ".csv" else _json(file, named.within)
    return removed


def named_in(folder: Path) -> Iterator[str]:
    """Every id in the columns that name subjects and scope items, of the Parquet tables below a folder."""
    for file in sorted(folder.rglob("*.parquet")):
        schema = pl.read_parquet_schema(file)
        for column in ("scope_item", "subject", "owner"):
            if schema.get(column) == pl.String:
                yield from pl.read_parquet(file, columns=[column])[column].drop_nulls().unique()


def _parquet(file: Path, named: Ids) -> int:
    words = [name for name, dtype in pl.read_parquet_schema(file).items() if dtype == pl.String]
    if not words:
        return 0
    names = pl.any_horizontal(pl.col(name).is_in(list(named.ids)).fill_null(False) for name in words)
    count = pl.scan_parquet(file).select(names.sum()).collect().item()
    if count:
        kept = pl.read_parquet(file).filter(~names)
        _replace(file, lambda part: kept.write_parquet(part, statistics=True))
    return int(count or 0)


def _csv(file: Path, named: re.Pattern[str]) -> int:
    """Row by row, for a quarantined row may be torn and name the subject in the middle of a cell."""
    raw = file.read_bytes()
    rows = list(csv.reader(io.StringIO(raw.removeprefix(BOM).decode("utf-8", "surrogateescape"), newline="")))
    kept = [row for n, row in enumerate(rows) if n == 0 or not any(named.search(cell) for cell in row)]
    if len(kept) == len(rows):
        return 0
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(kept)
    written = (BOM if raw.startswith(BOM) else b"") + text.getvalue().encode("utf-8", "surrogateescape")
    _replace(file, lambda part: part.write_bytes(written))
    return len(rows) - len(kept)


def _json(file: Path, named: re.Pattern[str]) -> int:
    """What names the subject goes with all that was said beside the name: the element of the list."""
    if file.suffix == ".jsonl":
        lines = file.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not named.search(line)]
        _replace(file, lambda part: part.write_text("".join(kept), "utf-8"))
        return len(lines) - len(kept)
    whole, removed = _pruned(orjson.loads(file.read_bytes()), named)
    if removed:
        _replace(file, lambda part: part.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2)))
    return removed


def _pruned(value: Any, named: re.Pattern[str]) -> tuple[Any, int]:
    if isinstance(value, list):
        kept = [each for each in value if not _names(each, named)]
        return kept, len(value) - len(kept)
    if isinstance(value, dict):
        pairs = {key: _pruned(each, named) for key, each in value.items() if not named.search(key)}
        out = {key: each for key, (each, _) in pairs.items() if not _names(each, named)}
        return out, sum(n for _, n in pairs.values()) + len(value) - len(out)
    return value, 0


def _names(value: Any, named: re.Pattern[str]) -> bool:
    return bool(named.search(orjson.dumps(value).decode()))


def _replace(file: Path, write: Any) -> None:
    """All of the new file in the old one's place at once, even if the power fails."""
    part = file.with_name(f".{file.name}.part")
    write(part)
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.replace(file)
