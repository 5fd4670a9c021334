"""The subjects the front page offers: the showcases of the sample city, else the first of the records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from catalog.vocabulary import Names, SubjectKind
from records.subjects import UnknownSubject, kind_of, subjects_page

MANIFEST = "manifest.json"
OFFERED = 6
"""How many subjects of each kind are offered where no city names any."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One subject worth looking at, and what their situation is."""

    id: str
    kind: SubjectKind
    title: Names | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a city run says of itself, as far as the front page cares."""

    synthetic: bool = True
    showcase: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Samples:
    """The subjects to offer, and whether a city run made the subjects of this server."""

    showcase: tuple[Sample, ...]
    synthetic: bool


def load_samples(city: Path) -> Samples:
    """The showcases of every world under `city`. Raises msgspec.DecodeError for a broken manifest."""
    manifests = [
        msgspec.json.decode(path.read_bytes(), type=Manifest) for path in sorted(city.glob(f"*/{MANIFEST}"))
    ]
    return Samples(
        showcase=tuple(sample for manifest in manifests for sample in manifest.showcase),
        synthetic=any(manifest.synthetic for manifest in manifests),
    )


def offered(samples: Samples, connection: Connection) -> tuple[Sample, ...]:
    """The showcases that were ingested; without any, the first few subjects of each kind."""
    return tuple(_ingested(samples.showcase, connection)) or tuple(
        Sample(id=id, kind=kind)
        for kind in SubjectKind
        for id in subjects_page(connection, kind, size=OFFERED)
    )


def _ingested(showcase: tuple[Sample, ...], connection: Connection) -> Iterator[Sample]:
    for sample in showcase:
        try:
            kind_of(connection, sample.id)
        except UnknownSubject:
            continue
        yield sample
