"""When the certificates that the service lives by end: told of in time, never after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

SOON: Final = dt.timedelta(days=30)
NEXT: Final = dt.timedelta(days=7)
"""Within it an end is urgent: it is told as critical."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate file and how long its first to end still holds; None where the file holds none."""

    name: str
    left: dt.timedelta | None

    @property
    def urgent(self) -> bool:
        """Whether it ends within a week, has ended, or cannot be read."""
        return self.left is None or self.left <= NEXT


def endings(files: Iterable[Path], at: dt.datetime) -> tuple[Ending, ...]:
    """The PEM files whose certificates end within 30 days of an (aware) instant, or that cannot be read."""
    return tuple(one for file in files if (one := _ending(file, at)).left is None or one.left <= SOON)


def _ending(file: Path, at: dt.datetime) -> Ending:
    try:
        held = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return Ending(file.name, None)
    return Ending(file.name, min(one.not_valid_after_utc for one in held) - at)
