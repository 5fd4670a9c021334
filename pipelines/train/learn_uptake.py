"""`enterprise-policy-package`: whether a firm would apply for a policy and obtain it."""

from __future__ import annotations

import datetime as dt
import json

from models.policy_package.policy_book import policy_book
from models.policy_package.uptake import KIND
from models.policy_package.uptake_export import save_uptake
from models.policy_package.uptake_training import TooFewApplications, fit_uptake
from models.policy_package.uptake_windows import UptakeConfig
from pipelines.train.ground import Ground
from pipelines.train.landmarks import LOOK_BACK_DAYS, landmarks
from pipelines.train.learned import PYFUNCS, Learned, TooLittleToLearn
from pipelines.train.recipe import PACKAGE, Recipe
from pipelines.train.uptake_data import uptake_data

ENOUGH_LANDMARKS = 10
"""Landmarks it takes to teach and calibrate on windows that do not overlap."""


def learn_uptake(ground: Ground, recipe: Recipe, on: dt.date, seed: int) -> Learned:
    """Learn until the holdout begins. Raises TooLittleToLearn."""
    until = on - dt.timedelta(days=recipe.holdout_days(PACKAGE))
    config = recipe.uptake
    look_back, days = _look_back(ground.first_day, until, config)
    data = uptake_data(ground, policy_book(ground.catalogue), until, days, config)
    try:
        model = fit_uptake(data, config, seed)
    except TooFewApplications as few:
        raise TooLittleToLearn(str(few)) from few
    applied = data.windows["applied"]
    policy = model.book.policies[0].item
    return Learned(
        model=PACKAGE,
        kind=KIND,
        feature_service="policy_package_v1",
        pyfunc=PYFUNCS / "policy_package.py",
        save=lambda folder, manifest: save_uptake(folder, model, manifest),
        trained_to=until,
        metrics={
            "learned.windows": float(len(applied.drop_nulls())),
            "learned.applications": float(applied.sum() or 0),
            "learned.policies": float(len(model.book.policies)),
        },
        parameters={
            "look_back_days": str(look_back),
            "calibration.applying": model.applying.calibration.method,
            "calibration.obtaining": model.obtaining.calibration.method,
        },
        left_out={},
        example={
            "enterprise": "example",
            "on": until.isoformat(),
            "traits": json.dumps(dict(name.split("=", 1) for name in model.indicators.names[:3])),
            "verdicts": json.dumps({policy: "true"}),
            "attributes": "{}",
            "past": json.dumps({"looked": {policy: 1}, "applied": {}, "held": [], "observed": True}),
            "missing": json.dumps({policy: 1}),
        },
        answer={"package": "{}"},
    )


def _look_back(first_day: dt.date, until: dt.date, config: UptakeConfig) -> tuple[int, tuple[dt.date, ...]]:
    """How long must be on record before a landmark, and the landmarks.

    Before a whole washout is on record, a firm that applied lately looks like one that never did; where the
    records are too short to wait for that, windows start as soon as behaviour can be looked back on.
    """
    settled = landmarks(first_day, until, config.washout_days)
    if len(settled) >= ENOUGH_LANDMARKS:
        return config.washout_days, settled
    return LOOK_BACK_DAYS, landmarks(first_day, until)
