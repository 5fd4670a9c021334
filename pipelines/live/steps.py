"""The steps a worker takes, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.live.ground import Grounds
from pipelines.live.step import Step


def steps_on(grounds: Grounds) -> Sequence[Step]:
    """All steps, on the ground of the catalogue in use."""
    return ()
