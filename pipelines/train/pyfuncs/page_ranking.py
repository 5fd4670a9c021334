"""`page-ranking` as MLflow loads it: the terms of an entry in, its chance and what each family adds out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from catalog.vocabulary import SubjectKind
from models.ranking.use_model import load_use_models


class PageRanking(PythonModel):  # type: ignore[misc]
    """Rows of `kind` and, as a JSON object, `terms`; the rules still decide what is on a page."""

    def load_context(self, context: Any) -> None:
        """Read the exported arrays."""
        self._models, self._manifest = load_use_models(Path(context.artifacts["artefact"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """`chance` within a quarter and `by_family` (JSON). Raises ValueError for an unknown kind."""
        return pd.DataFrame([self._answer(row) for row in model_input.to_dict("records")])

    def _answer(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        kind = SubjectKind(row["kind"])
        if kind not in self._models:
            raise ValueError(f"no order was learned for {kind}; there is one for {', '.join(self._models)}")
        model, terms = self._models[kind], json.loads(row["terms"])
        return {"chance": model.chance(terms), "by_family": json.dumps(model.by_family(terms))}


mlflow.models.set_model(PageRanking())
