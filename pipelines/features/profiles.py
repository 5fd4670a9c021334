"""Packed profiles from the registers' statements into the offline file and the online store."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from catalog.vocabulary import Scope, SubjectKind
from features.naming import profile_view_name, register_feature
from features.packed import packed_profiles
from features.registers import registers_of
from features.retrieval import Written
from features.sources import view_folder
from features.statements import AttributeHistory

BATCH = 2_000
"""Scope items written in one transaction; a run that breaks off loses at most this much."""


class Writing(Protocol):
    """Where packets go: an online store, or one and its copy."""

    def write_newer(
        self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]
    ) -> Written:
        """Writes the packets that differ from what is held and are not older."""
        ...


@dataclass(frozen=True, slots=True)
class ProfileView:
    """What one packed view came to."""

    view: str
    scope_items: int
    packets: Written


def materialise_view(
    history: AttributeHistory,
    offline: Path,
    online: Writing,
    kind: SubjectKind,
    scope: Scope,
    at: dt.datetime,
    advance: Callable[[int], None],
) -> ProfileView:
    """Packs one (kind, scope) and writes it; `advance` is told how many scope items are done so far."""
    view = profile_view_name(kind, scope)
    unfinished = view_folder(offline, f".{view}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    names = {name: register_feature(name) for name in registers_of(history.catalogue, kind, scope)}
    done, total = 0, Written(0, 0, 0)
    for number, part in enumerate(packed_profiles(history, kind, scope, at)):
        part.rename(names).write_parquet(unfinished / f"{number:05}.parquet")
        for packets in _batches(part):
            total = Written(*map(sum, zip(total, online.write_newer(kind, scope, packets), strict=True)))
            done += len(packets)
            advance(done)
    finished = view_folder(offline, view)
    shutil.rmtree(finished, ignore_errors=True)
    unfinished.rename(finished)
    return ProfileView(view, done, total)


def _batches(part: pl.DataFrame) -> Iterator[dict[str, dict[str, bytes]]]:
    registers = part.drop("scope_item", "event_timestamp").columns
    for rows in part.iter_slices(BATCH):
        yield {
            id_: {register: packet for register, packet in zip(registers, packets, strict=True) if packet}
            for id_, *packets in rows.select("scope_item", *registers).iter_rows()
        }
