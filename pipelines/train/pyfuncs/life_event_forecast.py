"""`life-event-forecast` as MLflow loads it: what speaks of an event in, its probabilities out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel
from scipy import sparse

from catalog.vocabulary import SubjectKind
from models.life_event_forecast.export import load_forecasters
from models.life_event_forecast.forecaster import side_by_side
from models.life_event_forecast.signals import SIGNALS
from models.logit.crossed import Cases


class LifeEventForecast(PythonModel):  # type: ignore[misc]
    """Rows of `kind`, `event` and, as JSON, `traits` (object), `holdings` (list), `signals` (object).

    A signal that is not told is 0; `unobserved` must be told where behaviour may not be known.
    """

    def load_context(self, context: Any) -> None:
        """Read the exported arrays."""
        self._forecasters, self._manifest = load_forecasters(Path(context.artifacts["artefact"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """A column `within_<days>` a horizon. Raises ValueError for an event that is not forecast."""
        rows = [self._answer(row) for row in model_input.to_dict("records")]
        return pd.DataFrame(rows)

    def _answer(self, row: Mapping[Any, Any]) -> dict[str, float]:
        forecaster = self._forecasters[SubjectKind(row["kind"])]
        if row["event"] not in forecaster.events:
            raise ValueError(f"{row['event']} is not forecast; there are {', '.join(forecaster.events)}")
        told, holdings = json.loads(row["signals"]), set(json.loads(row["holdings"]))
        signals = np.asarray([[float(told.get(name, 0.0)) for name in SIGNALS]])
        present = forecaster.indicators.encode_one(json.loads(row["traits"]))
        own = np.zeros((1, len(forecaster.indicators.names)), dtype=np.float32)
        own[0, present] = 1.0
        held = np.asarray([[float(name in holdings) for name in forecaster.holdings.names]], dtype=np.float32)
        cases = Cases(
            np.asarray([forecaster.events.index(row["event"])], dtype=np.int32),
            signals,
            np.zeros(1, dtype=np.int32),
            side_by_side(sparse.csr_array(own), sparse.csr_array(held)),
        )
        likely = forecaster.probabilities(cases)[0]
        return {f"within_{h.days}": float(p) for h, p in zip(forecaster.horizons, likely, strict=True)}


mlflow.models.set_model(LifeEventForecast())
