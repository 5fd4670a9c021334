"""`enterprise-policy-package` as MLflow loads it: masked features and verdicts in, a package out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import msgspec
import pandas as pd
from mlflow.pyfunc import PythonModel

from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Scope
from models.policy_package.candidate import Candidate
from models.policy_package.constraints import constraints_of
from models.policy_package.from_catalogue import money_of
from models.policy_package.recommend import Request, recommend
from models.policy_package.uptake_export import load_uptake
from models.policy_package.uptake_signals import FirmPast
from models.recommendation import Verdict


class PolicyPackage(PythonModel):  # type: ignore[misc]
    """Rows of `enterprise`, `on` and, as JSON objects, `traits`, `verdicts`, `attributes`, `past`, `missing`.

    `verdicts` maps policies to false, unknown or true as the rules decided; `past` has looked, applied
    (counts by policy), held (evidence types) and observed; `missing` counts papers by policy.
    """

    def load_context(self, context: Any) -> None:
        """Read the exported arrays and the catalogue they were learned with."""
        self._uptake, self._manifest = load_uptake(Path(context.artifacts["artefact"]))
        self._catalogue: Catalogue = artefact.load(Path(context.artifacts["catalogue"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """`package`, a JSON object each row. Raises ValueError for a verdict that is none of the three."""
        answers = [self._answer(row) for row in model_input.to_dict("records")]
        return pd.DataFrame({"package": answers})

    def _answer(self, row: Mapping[Any, Any]) -> str:
        told = {
            name: json.loads(row[name]) for name in ("traits", "verdicts", "attributes", "past", "missing")
        }
        past = FirmPast(
            told["past"].get("looked", {}),
            told["past"].get("applied", {}),
            frozenset(told["past"].get("held", ())),
            bool(told["past"].get("observed", False)),
        )
        uptake = self._uptake.uptake(past, told["traits"])
        policies = self._catalogue.support_policies
        candidates = [
            self._candidate(row["enterprise"], policies[item], verdict, told, uptake)
            for item, verdict in sorted(told["verdicts"].items())
        ]
        request = Request(
            enterprise=row["enterprise"],
            on=dt.date.fromisoformat(row["on"]),
            catalogue_version=self._catalogue.version,
            categories={id_: theme.names for id_, theme in self._catalogue.themes.items()},
            weighed_by=f"{self._manifest.name} {self._manifest.version}",
        )
        package = recommend(candidates, constraints_of(policies.values()), request)
        return msgspec.json.encode(package).decode()

    def _candidate(
        self, firm: str, policy: SupportPolicy, verdict: str, told: dict[str, Any], uptake: dict[str, float]
    ) -> Candidate:
        if verdict not in ("false", "unknown", "true"):
            raise ValueError(f"{policy.id}: a verdict is false, unknown or true, not {verdict!r}")
        by_itself = policy.apply_mode in ("no_application", "self_declare")
        return Candidate(
            item=policy.id,
            scope_item=firm,
            scope=Scope.SELF,
            kind="support_policy",
            category=policy.category,
            names=policy.names,
            verdict=Verdict[verdict.upper()],
            money=money_of(policy, told["attributes"]),
            apply_mode=policy.apply_mode,
            due_on=None if policy.valid_to is None else dt.date.fromisoformat(policy.valid_to),
            effort=0 if by_itself else int(told["missing"].get(policy.id, 0)),
            uptake=uptake.get(policy.id, 1.0),
        )


mlflow.models.set_model(PolicyPackage())
