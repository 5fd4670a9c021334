"""Promotion: the only way a model version reaches the pages, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from sqlalchemy import Engine

from pipelines.evaluate.outcome import OUTCOME, Outcome
from pipelines.promote.champion_folder import NothingToRestore, install, restore
from pipelines.promote.gates import Bounds, Gate, judge, load_bounds
from pipelines.promote.trail import tell
from pipelines.train.tracking import ARTEFACT, mlflow_at
from records.database import open_records
from records.settings import Settings

CHAMPION: Final = "champion"
CHALLENGER: Final = "challenger"
BEFORE: Final = "champion_before"
"""The alias of the version that was champion until the present one."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one registered model."""

    model: str
    version: str | None
    """The version concerned; None when there was nothing to decide."""
    promoted: bool
    says: str
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True)
class PromoteReport:
    """What became of every registered model."""

    decisions: tuple[Decision, ...]

    @property
    def refused(self) -> tuple[Decision, ...]:
        """Challengers that a gate turned away."""
        return tuple(each for each in self.decisions if not each.promoted and each.gates)


def promote(
    settings: Settings,
    *,
    rollback: bool = False,
    seed: int = 1,
    bounds: Bounds | None = None,
    progress: Progress = lambda _what, _share: None,
) -> PromoteReport:
    """Make each challenger that passes every gate the champion; or, with `rollback`, take that back.

    Raises NothingToRestore when a roll-back finds no model with an earlier champion.
    """
    limits = bounds or load_bounds()
    decisions = []
    engine = open_records(settings)
    with _disposed(engine), mlflow_at(settings) as mlflow:
        client = mlflow.MlflowClient()
        models = sorted(model.name for model in client.search_registered_models())
        for number, model in enumerate(models):
            progress(model, number / len(models))
            decide = _Registry(client, settings, model, engine)
            decisions.append(decide.roll_back() if rollback else decide.promote(limits, seed))
    if rollback and not any(decision.promoted for decision in decisions):
        raise NothingToRestore("no model has an earlier champion to go back to")
    return PromoteReport(tuple(decisions))


@contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


class _Registry:
    """One registered model: its versions by alias, and the champion serving reads."""

    def __init__(self, client: Any, settings: Settings, model: str, engine: Engine) -> None:
        self.client, self.settings, self.model, self.engine = client, settings, model, engine
        aliases = client.get_registered_model(model).aliases
        # MLflow says str and gives int.
        self.aliases: dict[str, str] = {alias: str(version) for alias, version in aliases.items()}

    def promote(self, bounds: Bounds, seed: int) -> Decision:
        version = self.aliases.get(CHALLENGER)
        if version is None or version == self.aliases.get(CHAMPION):
            return Decision(self.model, version, False, "there is no new challenger")
        outcome = self._outcome(version)
        if outcome is None:
            return Decision(self.model, version, False, "it has not been evaluated: run `qianmian evaluate`")
        gates = judge(outcome, bounds, seed)
        if not all(gate.passed for gate in gates):
            refusals = "; ".join(f"{gate.name}: {gate.says}" for gate in gates if not gate.passed)
            return Decision(self.model, version, False, f"refused: {refusals}", gates)
        tell(self.settings, self.engine, "model.promoted", self.model, version, self.aliases.get(CHAMPION))
        self._install(version)
        if CHAMPION in self.aliases:
            self._alias(BEFORE, self.aliases[CHAMPION])
        self._alias(CHAMPION, version)
        return Decision(self.model, version, True, "champion", gates)

    def roll_back(self) -> Decision:
        present, before = self.aliases.get(CHAMPION), self.aliases.get(BEFORE)
        if present is None or before is None:
            return Decision(self.model, present, False, "it has no earlier champion")
        tell(self.settings, self.engine, "model.rolled_back", self.model, before, present)
        restore(self.settings.models_path, self.model)
        self._alias(CHAMPION, before)
        self._alias(BEFORE, present)
        return Decision(self.model, before, True, f"champion again, in place of {present}")

    def _alias(self, alias: str, version: str) -> None:
        self.client.set_registered_model_alias(self.model, alias, version)

    def _outcome(self, version: str) -> Outcome | None:
        run = self.client.get_model_version(self.model, version).run_id
        if OUTCOME not in {each.path for each in self.client.list_artifacts(run)}:
            return None
        with TemporaryDirectory() as folder:
            path = Path(self.client.download_artifacts(run, OUTCOME, folder))
            outcome = msgspec.json.decode(path.read_bytes(), type=Outcome)
        return outcome if outcome.version == version else None

    def _install(self, version: str) -> None:
        import mlflow

        with TemporaryDirectory() as folder:
            source = f"models:/{self.model}/{version}/artifacts/{ARTEFACT}"
            artefact = Path(mlflow.artifacts.download_artifacts(source, dst_path=folder))
            install(artefact, self.settings.models_path, self.model)
