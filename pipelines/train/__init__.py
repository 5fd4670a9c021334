"""Learning from what the mask lets training know, and registering what was learned."""

from __future__ import annotations

from pipelines.train.run import Trained, TrainReport, train

__all__ = ["TrainReport", "Trained", "train"]
