"""What one model's training hands on: how to save it, how it went, and how it may be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.artifact import Manifest

PYFUNCS: Final = Path(__file__).with_name("pyfuncs")


@dataclass(frozen=True, slots=True)
class Learned:
    """One fitted model, not yet logged."""

    model: str
    kind: str
    """The schema of its export."""
    feature_service: str
    pyfunc: Path
    save: Callable[[Path, Manifest], None]
    trained_to: dt.date
    metrics: Mapping[str, float]
    parameters: Mapping[str, str]
    left_out: Mapping[str, str]
    """What could not be learned, and why."""
    example: Mapping[str, Any]
    """One row it can be asked with."""
    answer: Mapping[str, Any]
    """A row as it answers: for the signature."""


class TooLittleToLearn(ValueError):
    """A model was left out of a run, with the reason a person can act on."""
