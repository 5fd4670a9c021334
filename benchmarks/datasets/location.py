"""Where the evaluation data lies; it is never part of the project."""

from __future__ import annotations

import os
from pathlib import Path


class EvaluationDataMissing(RuntimeError):
    """The data of a benchmark is not on this machine; says where it was looked for."""


def evaluation_data(folder: str) -> Path:
    """The folder of one data set; raises EvaluationDataMissing."""
    root = Path(os.environ.get("QIANMIAN_EVALUATION_DATA", "../shared/data"))
    found = root / folder
    if not found.is_dir():
        raise EvaluationDataMissing(
            f"no evaluation data at {found}: set QIANMIAN_EVALUATION_DATA to the folder that holds"
            f" `{folder}` and `splits`; its README says what each set is, its licence and its protocol"
        )
    return found
