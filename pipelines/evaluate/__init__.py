"""How well the models do: temporal, beside baselines, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.evaluate.run import EvaluateReport, Evaluation, evaluate

__all__ = ["EvaluateReport", "Evaluation", "evaluate"]


def __getattr__(name: str) -> Any:
    """The step itself, found when asked for: promotion reads outcomes without loading any model."""
    if name in __all__:
        from pipelines.evaluate import run

        return getattr(run, name)
    raise AttributeError(name)
