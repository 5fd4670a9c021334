"""How the models of a run are learned: recipe.yaml, read once and logged whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from catalog.vocabulary import SubjectKind
from models.affinity.demographic_logit import DemographicLogit
from models.affinity.item_item import ItemItem
from models.affinity.lightfm import HybridWarp
from models.affinity.popularity import Popularity
from models.affinity.stack import AffinityStack
from models.affinity.targets import FeatureTerms
from models.affinity.validation import InnerSplit, Regime
from models.life_event_forecast.training import ForecastConfig
from models.logit.crossed import CrossedLogitConfig
from models.policy_package.uptake_windows import UptakeConfig
from models.ranking.fitting import FitConfig
from pipelines.train.temporal_split import TemporalSplit

AFFINITY: Final = "citizen-affinity"
PACKAGE: Final = "enterprise-policy-package"
FORECAST: Final = "life-event-forecast"
RANKING: Final = "page-ranking"
MODELS: Final = (AFFINITY, PACKAGE, FORECAST, RANKING)
RECIPE: Final = Path(__file__).with_name("recipe.yaml")


@dataclass(frozen=True, slots=True)
class RankingRecipe:
    """How the order of pages is learned."""

    step_days: int
    pages: Mapping[SubjectKind, int]
    """By kind of subject, how many past pages are learned from."""
    fit: FitConfig


@dataclass(frozen=True, slots=True)
class Recipe:
    """The figures of one recipe file."""

    figures: Mapping[str, Any]

    def holdout_days(self, model: str) -> int:
        """Days before the day of training that a model does not see."""
        return int(self.figures["holdout_days"][model])

    def stack(self) -> AffinityStack:
        """The affinity ensemble, weighed on the last days and on subjects never seen."""
        told = self.figures[AFFINITY]
        logit = dict(told["demographic_logit"])
        iterations = logit.pop("iterations")
        subjects = int(told["trial_subjects"])
        return AffinityStack(
            parts=(
                HybridWarp(**told["lightfm"]),
                ItemItem(**told["item_item"]),
                Popularity(**told["popularity"]),
                DemographicLogit(terms=FeatureTerms(**logit), iterations=iterations),
            ),
            splits=(
                TemporalSplit(days=float(told["trial_days"]), most_subjects=subjects),
                InnerSplit(Regime.SUBJECT_COLD, trials=1, most_subjects=subjects),
            ),
        )

    @property
    def export_dimensions(self) -> int:
        """Dimensions the affinity is exported in."""
        return int(self.figures[AFFINITY]["export_dimensions"])

    @property
    def uptake(self) -> UptakeConfig:
        """How uptake is fitted."""
        told = dict(self.figures[PACKAGE])
        logit = CrossedLogitConfig(inverse_penalty=float(told.pop("inverse_penalty")))
        return UptakeConfig(**told, logit=logit)

    @property
    def forecast(self) -> ForecastConfig:
        """How the forecast is fitted."""
        told = dict(self.figures[FORECAST])
        logit = CrossedLogitConfig(inverse_penalty=float(told.pop("inverse_penalty")))
        return ForecastConfig(**told, logit=logit)

    @property
    def ranking(self) -> RankingRecipe:
        """How the order of pages is learned."""
        told = dict(self.figures[RANKING])
        step, pages = int(told.pop("step_days")), told.pop("pages")
        return RankingRecipe(step, {kind: int(pages[kind]) for kind in SubjectKind}, FitConfig(**told))

    def parameters(self, model: str) -> dict[str, str]:
        """A model's figures by dotted name, to be logged."""
        return {"holdout_days": str(self.holdout_days(model)), **dict(_flat(self.figures[model]))}


@cache
def recipe() -> Recipe:
    """The recipe of this product (recipe.yaml)."""
    return Recipe(yaml.safe_load(RECIPE.read_text(encoding="utf-8")))


def _flat(figures: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{under}{name}.")
        else:
            yield f"{under}{name}", str(value)
