"""When the feature store was last brought up to date whole: written down beside the offline store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import msgspec

_FILE: Final = "materialised.json"


class _Noted(msgspec.Struct, frozen=True):
    at: dt.datetime
    catalogue_version: str


def note_materialised(offline: Path, at: dt.datetime, catalogue_version: str) -> None:
    """Note that everything known at an (aware) instant is in the store."""
    offline.mkdir(parents=True, exist_ok=True)
    part = offline / f"{_FILE}.part"
    part.write_bytes(msgspec.json.encode(_Noted(at, catalogue_version)))
    part.replace(offline / _FILE)


def materialised_at(offline: Path) -> dt.datetime | None:
    """The instant of the last materialisation that ended; None where none did."""
    try:
        return msgspec.json.decode((offline / _FILE).read_bytes(), type=_Noted).at
    except (OSError, msgspec.DecodeError):
        return None
