"""A new catalogue that touches many people waits until two of them who answer for it have agreed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Final

import msgspec

from pipelines.catalogue_change.impact import Impact

APPROVALS: Final = 2
_VERSION: Final = re.compile(r"[0-9a-f]{1,64}")


class ApprovalRefused(ValueError):
    """An approval that cannot be taken; says why and what to do."""


class Approval(msgspec.Struct, frozen=True):
    """Who agreed, and when."""

    by: str
    at: dt.datetime


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What a new catalogue would change, the share it may touch by itself, and who agreed to it."""

    impact: Impact
    limit: float
    approvals: tuple[Approval, ...] = ()

    @property
    def held(self) -> bool:
        """Whether it touches more people than it may without anybody's agreement."""
        return self.impact.largest_share > self.limit

    @property
    def open(self) -> bool:
        """Whether it may take effect."""
        return not self.held or len(self.approvals) >= APPROVALS

    @property
    def missing(self) -> int:
        """How many approvals it still waits for."""
        return max(0, APPROVALS - len(self.approvals)) if self.held else 0


def read_hold(folder: Path, version: str) -> Hold | None:
    """What is recorded of a version; None where nothing is. ValueError for a record that cannot be read."""
    path = _path(folder, version)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Hold)
    except msgspec.MsgspecError as error:
        raise ValueError(
            f"{path} cannot be read ({error}): remove it and measure the change again"
        ) from error


def record(folder: Path, found: Impact, limit: float) -> Hold:
    """Write down what a version would change.

    Approvals given to the same change stay; those given to another one (of another catalogue before it, or
    touching more people than what was agreed to) do not count for this.
    """
    earlier = read_hold(folder, found.new)
    same = earlier is not None and earlier.impact.old == found.old
    grown = earlier is not None and found.largest_share > max(earlier.impact.largest_share, limit)
    approvals = earlier.approvals if earlier is not None and same and not grown else ()
    hold = Hold(impact=found, limit=limit, approvals=approvals)
    _write(folder, hold)
    return hold


def approve(folder: Path, version: str, by: str, at: dt.datetime) -> Hold:
    """Note one person's approval of a held version. Raises ApprovalRefused."""
    hold, name = read_hold(folder, version), " ".join(by.split())
    if hold is None:
        raise ApprovalRefused(
            f"nothing is recorded of version {version}: run `catalog diff OLD NEW --city` first"
        )
    if not hold.held:
        raise ApprovalRefused(f"version {version} is not held: it needs nobody's approval")
    if not name:
        raise ApprovalRefused("an approval needs a name: give it with --by")
    if _key(name) in {_key(each.by) for each in hold.approvals}:
        raise ApprovalRefused(f"{name} has approved version {version} already: a second person must")
    approved = msgspec.structs.replace(hold, approvals=(*hold.approvals, Approval(name, at)))
    _write(folder, approved)
    return approved


def _key(name: str) -> str:
    """A name as one would recognise it: width, case and spaces do not make another person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _path(folder: Path, version: str) -> Path:
    if not _VERSION.fullmatch(version):
        raise ApprovalRefused(f"{version!r} is no version of a catalogue: copy it from `catalog diff`")
    return folder / f"{version}.json"


def _write(folder: Path, hold: Hold) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = _path(folder, hold.impact.new)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(hold), indent=1))
    unfinished.replace(path)
