"""What a crossed logit answers to the fixed questions that an artefact is checked by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from models.artifact import QUESTIONS, asked, weight_of
from models.logit.calibration import Calibration
from models.logit.crossed import Cases, CrossedLogit


def answers(
    logit: CrossedLogit, calibration: Calibration, signals: Sequence[str], indicators: Sequence[str]
) -> Iterator[float]:
    """A logit and a probability a question, each summed over the groups by their names."""
    cases = _cases(logit, signals, indicators)
    weights = np.array([weight_of(name) for name in logit.groups])
    for each in (logit.logits(cases), calibration(logit.logits(cases))):
        yield from (each.reshape(QUESTIONS, len(weights)) @ weights / max(weights.sum(), 1e-9)).tolist()


def _cases(logit: CrossedLogit, signals: Sequence[str], indicators: Sequence[str]) -> Cases:
    """Each question about each group: indicators that it names, and signals by their names."""
    groups = len(logit.groups)
    present = np.zeros((QUESTIONS, len(indicators)), dtype=np.float32)
    for question, names in enumerate(asked(indicators)):
        for name in names:
            present[question, list(indicators).index(name)] = 1.0
    told = np.array([weight_of(name) for name in signals])
    return Cases(
        np.tile(np.arange(groups, dtype=np.int32), QUESTIONS),
        np.tile(told, (QUESTIONS * groups, 1)),
        np.repeat(np.arange(QUESTIONS, dtype=np.int32), groups),
        sparse.csr_array(present),
    )
