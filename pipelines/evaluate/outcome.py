"""What an evaluation found of one model version: the document that gates read and a run keeps."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

OUTCOME: Final = "outcome.json"
"""The artefact of a model version's run that holds its `Outcome`."""


class GroupReach(msgspec.Struct, frozen=True, kw_only=True):
    """How well one group (an age band, a district ...) is reached, by the model and by the baseline."""

    dimension: str
    group: str
    subjects: int
    reach: float
    """The share (0 to 1) of its subjects whose slate held what they then took up."""
    baseline: float
    """The same of the reference the evaluation names."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One model version on one evaluation's cases.

    `values` and `reference_values` have one entry a case, in the same order, so that they compare in pairs.
    """

    model: str
    version: str
    evaluated_on: dt.date
    measure: str
    """What `values` are (`ndcg@10`, ...); higher is better."""
    values: tuple[float, ...]
    reference: str
    """What it is compared with: `champion <version>`, or a baseline's name when there is no champion."""
    reference_values: tuple[float, ...]
    calibration_error: float | None = None
    """Mean distance of predicted from observed shares; None for a model that states no probability."""
    reference_calibration_error: float | None = None
    groups: tuple[GroupReach, ...] = ()
    faults: tuple[str, ...] = ()
    """Reasons the version cannot be used at all: a wrong schema, a value that is no number."""
