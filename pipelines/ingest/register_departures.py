"""Who departed by all a register ever stated: in whatever order its files come the end is the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
import polars as pl
from sqlalchemy import Connection

from features.statements import business_day
from records.departures import Departure, departures_by, record_departure, take_back_departure
from records.tables.vocabulary import DepartureKind


class DepartureWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of a register's attribute that says of a subject that it has departed."""

    table: str
    attribute: str
    value: str
    kind: DepartureKind


@cache
def departure_words() -> tuple[DepartureWord, ...]:
    """Every such value."""
    text = (resources.files("pipelines.ingest") / "departure_words.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=tuple[DepartureWord, ...])


@dataclass(frozen=True, slots=True)
class Heard:
    """What a register says of one subject by now: gone since an instant, or (None) back since another."""

    subject: str
    gone: dt.datetime | None
    kind: DepartureKind | None
    back: dt.datetime | None


def hear(
    connection: Connection, register: str, new: pl.DataFrame, folder: Path, at: dt.datetime
) -> list[str]:
    """Note or take back what new statements change of a register's own departures; of whom.

    `folder` has all statements of the register, the new ones among them.
    """
    words = [word for word in departure_words() if word.table == register]
    if not words or new.is_empty():
        return []
    noted = departures_by(connection, register)
    says_so = pl.any_horizontal(pl.col(word.attribute) == word.value for word in words)
    known = pl.col("scope_item").is_in(noted["subject"].implode())
    about = new.filter(says_so.fill_null(False) | known).select("scope_item").unique()
    before = _noted(noted, register)
    changed = [
        one.subject
        for one in _heard(folder, about, words)
        if _follow(connection, register, one, before.get(one.subject, NOTHING), at)
    ]
    return sorted(changed)


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted by now of the register's word on one subject: what stands, what was last taken back."""

    standing: Departure | None
    taken_back_at: dt.datetime | None


NOTHING = Noted(None, None)


def _noted(rows: pl.DataFrame, register: str) -> dict[str, Noted]:
    standing = {
        subject: Departure(kind, on, register)
        for subject, on, kind, taken_back_at in rows.iter_rows()
        if taken_back_at is None
    }
    last = rows.group_by("subject").agg(pl.col("taken_back_at").max())
    return {subject: Noted(standing.get(subject), at) for subject, at in last.iter_rows()}


def _follow(connection: Connection, register: str, one: Heard, noted: Noted, at: dt.datetime) -> bool:
    """Note or take back what the register says by now; whether anything changed.

    What was taken back after the register began to say so stays taken back however often it is repeated:
    the register has to have said otherwise in between.
    """
    if one.gone is None or one.kind is None:
        if noted.standing is None or one.back is None:
            return False
        return take_back_departure(connection, one.subject, register, one.back, at) > 0
    told = Departure(one.kind, business_day(one.gone), register)
    if told == noted.standing or (noted.taken_back_at is not None and noted.taken_back_at >= one.gone):
        return False
    record_departure(connection, one.subject, told, at)
    return True


def _heard(folder: Path, about: pl.DataFrame, words: Sequence[DepartureWord]) -> Iterator[Heard]:
    """What the register says by now of these scope items; a statement that does not tell says nothing."""
    if about.is_empty():
        return
    (attribute,) = {word.attribute for word in words}  # of one register, all words are of one attribute
    every = pl.concat([pl.scan_parquet(file) for file in sorted(folder.glob("*.parquet"))], how="diagonal")
    theirs = every.join(about.lazy(), on="scope_item", how="semi")
    kinds = {word.value: word.kind for word in words}
    kind = pl.col(attribute).replace_strict(kinds, default=None, return_dtype=pl.String())
    told = (
        theirs.filter(pl.col(attribute).is_not_null())
        .select("scope_item", "observed_at", kind=kind)
        .sort("scope_item", "observed_at")
    )
    otherwise = pl.col("observed_at").filter(pl.col("kind").is_null()).max()
    since = pl.col("back").is_null() | (pl.col("observed_at") > pl.col("back"))
    runs = (
        told.with_columns(back=otherwise.over("scope_item"))
        .group_by("scope_item", maintain_order=True)
        .agg(
            pl.col("observed_at").filter(since).first().alias("gone"),
            pl.col("kind").filter(since).last(),
            pl.col("back").first(),
        )
        .collect()
    )
    for row in runs.iter_rows():
        yield Heard(*row)
