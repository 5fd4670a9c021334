"""`citizen-affinity` as MLflow loads it: traits and history in, items in order out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel

from features.indicators import Indicators
from models.affinity.dataset import Features, Interactions, SubjectBatch
from models.affinity.export import load_affinity
from models.affinity.profile_batch import indicators_of


class Affinity(PythonModel):  # type: ignore[misc]
    """Rows of `traits` (JSON object), `history` (JSON list of item ids), `day` (ISO date), `k`."""

    def load_context(self, context: Any) -> None:
        """Read the exported arrays."""
        self._affinity, self._manifest = load_affinity(Path(context.artifacts["artefact"]))
        self._indicators: Indicators = indicators_of(self._affinity)

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """`items`, a JSON list of [item, score], best first; the rules still decide who may have them."""
        answers = [self._answer(row) for row in model_input.to_dict("records")]
        return pd.DataFrame({"items": answers})

    def _answer(self, row: Mapping[Any, Any]) -> str:
        traits, history = json.loads(row["traits"]), json.loads(row["history"])
        items = self._affinity.items
        places = {item: at for at, item in enumerate(items)}
        coded = Features.from_indicators([[f"{t}={v}" for t, v in traits.items() if v is not None]])
        known = [places[item] for item in history if item in places]
        day = np.asarray([np.datetime64(row["day"], "D").astype(np.int64)], dtype=np.float64)
        taken = Interactions.of(np.zeros(len(known)), known)
        scores = self._affinity.scores(SubjectBatch(coded, taken, items, day))[0]
        best = np.argsort(-scores, kind="stable")[: int(row["k"])]
        return json.dumps([[items[at], round(float(scores[at]), 6)] for at in best])


mlflow.models.set_model(Affinity())
