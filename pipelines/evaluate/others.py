"""The models whose signals the ranker weighs, as its challenger would meet them."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.vocabulary import SubjectKind
from models.affinity.export import load_affinity
from models.homepage import Champions
from models.life_event_forecast.export import load_forecasters
from models.policy_package.uptake_export import load_uptake
from pipelines.evaluate.versions import CHALLENGER, CHAMPION, Version
from pipelines.train.recipe import AFFINITY, FORECAST, PACKAGE


def beside(models: Mapping[str, Mapping[str, Version]]) -> Champions:
    """The challengers of the same training, or else the champions. Raises ArtifactError for a broken one."""
    found = Champions()
    chosen = {name: versions.get(CHALLENGER) or versions.get(CHAMPION) for name, versions in models.items()}
    affinity, uptake, forecast = (chosen.get(name) for name in (AFFINITY, PACKAGE, FORECAST))
    return Champions(
        affinity={SubjectKind.CITIZEN: load_affinity(affinity.folder)[0]} if affinity else found.affinity,
        uptake=load_uptake(uptake.folder)[0] if uptake else None,
        forecast=load_forecasters(forecast.folder)[0] if forecast else found.forecast,
    )
