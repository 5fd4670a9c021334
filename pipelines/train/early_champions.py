"""The models whose signals the ranker puts together, as they could be learned before its first example.

Signals of a model that saw what is to be predicted would be trusted more than they deserve.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from catalog.vocabulary import SubjectKind
from models.homepage import Champions
from models.life_event_forecast.forecaster import LifeEventForecaster
from models.life_event_forecast.labels import load_labels
from models.life_event_forecast.training import TooFewOccurrences, fit_forecast
from models.policy_package.policy_book import policy_book
from models.policy_package.uptake import UptakeModel
from models.policy_package.uptake_training import TooFewApplications, fit_uptake
from pipelines.train.forecast_data import labels_of, learning_data
from pipelines.train.ground import Ground, NothingToLearnFrom
from pipelines.train.landmarks import landmarks
from pipelines.train.learn_affinity import fit_affinity
from pipelines.train.learned import TooLittleToLearn
from pipelines.train.recipe import Recipe
from pipelines.train.uptake_data import uptake_data

Grounds = Mapping[SubjectKind, Ground]


def early_champions(
    grounds: Grounds, recipe: Recipe, until: dt.date, seed: int
) -> tuple[Champions, dict[str, str]]:
    """What could be learned until a day, and by model why it could not."""
    left_out: dict[str, str] = {}
    affinity = {}
    if SubjectKind.CITIZEN in grounds:
        try:
            fitted = fit_affinity(grounds[SubjectKind.CITIZEN], recipe, until, seed)
            affinity = {SubjectKind.CITIZEN: fitted.exported}
        except (TooLittleToLearn, NothingToLearnFrom) as few:
            left_out["affinity"] = str(few)
    forecast = {}
    for kind, ground in grounds.items():
        try:
            forecast[kind] = _forecast(ground, recipe, until, seed)
        except (TooFewOccurrences, NothingToLearnFrom) as few:
            left_out[f"forecast of {kind}"] = str(few)
    uptake = None
    if SubjectKind.ENTERPRISE in grounds:
        try:
            uptake = _uptake(grounds[SubjectKind.ENTERPRISE], recipe, until, seed)
        except (TooFewApplications, NothingToLearnFrom) as few:
            left_out["uptake"] = str(few)
    return Champions(affinity=affinity, forecast=forecast, uptake=uptake), left_out


def _forecast(ground: Ground, recipe: Recipe, until: dt.date, seed: int) -> LifeEventForecaster:
    labels = labels_of(load_labels(ground.catalogue), ground.catalogue, ground.kind)
    data = learning_data(ground, labels, until, landmarks(ground.first_day, until))
    return fit_forecast(data, labels, recipe.forecast, seed).forecaster


def _uptake(ground: Ground, recipe: Recipe, until: dt.date, seed: int) -> UptakeModel:
    days = landmarks(ground.first_day, until)
    data = uptake_data(ground, policy_book(ground.catalogue), until, days, recipe.uptake)
    return fit_uptake(data, recipe.uptake, seed)
