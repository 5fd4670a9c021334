"""The home of a sample run: what the run made there, and what it may therefore clear away."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, Literal

import msgspec

from commands.console import Refusal
from records.settings import Settings

_MARKER: Final = "sample-run.json"
_FOLDERS: Final = (
    *("catalogue", "city", "quarantine", "offline", "models", "mlartifacts", "audit"),
    *("standings", "daily", "reports"),
)
_FILES: Final = ("records.db", "online.db", "registry.db", "mlflow.db")


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """Left in a home by a sample run, so that the next one knows whose it is."""

    state: Literal["under_way", "complete"]
    world: str
    seed: int
    as_of: str
    catalogue_version: str = ""


class SampleHome:
    """A home that only ever holds a sample run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._marker = settings.home / _MARKER

    def finished(self) -> Marker | None:
        """What the last complete run left, or None when there is none."""
        marker = self._read()
        return marker if marker is not None and marker.state == "complete" else None

    def begin(self, marker: Marker) -> None:
        """Clear what an earlier sample run made and mark the new one as under way.

        Ends the command rather than touch records that no sample run made.
        """
        if self._read() is None and self._holds_anything():
            raise Refusal(
                f"{self.settings.home} holds records that no sample run made, and a sample run begins anew: "
                "set QIANMIAN_HOME to another folder"
            )
        for name in _FOLDERS:
            shutil.rmtree(self.settings.home / name, ignore_errors=True)
        for name in _FILES:
            for path in self.settings.home.glob(f"{name}*"):
                path.unlink()
        self._write(marker)

    def complete(self, marker: Marker) -> None:
        """Mark the run as complete."""
        self._write(msgspec.structs.replace(marker, state="complete"))

    def _holds_anything(self) -> bool:
        known: list[Path] = [self.settings.home / name for name in (*_FOLDERS, *_FILES)]
        return any(path.exists() for path in known if path.name != "catalogue")

    def _read(self) -> Marker | None:
        if not self._marker.is_file():
            return None
        return msgspec.json.decode(self._marker.read_bytes(), type=Marker)

    def _write(self, marker: Marker) -> None:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        self._marker.write_bytes(msgspec.json.encode(marker))
