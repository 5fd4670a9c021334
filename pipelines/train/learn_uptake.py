"""`enterprise-policy-package`: whether a firm would apply for a policy and obtain it."""

from __future__ import annotations

import datetime as dt
import json

from models.policy_package.policy_book import policy_book
from models.policy_package.uptake import KIND
from models.policy_package.uptake_export import save_uptake
from models.policy_package.uptake_training import TooFewApplications, fit_uptake
from pipelines.train.ground import Ground
from pipelines.train.landmarks import landmarks
from pipelines.train.learned import PYFUNCS, Learned, TooLittleToLearn
from pipelines.train.recipe import PACKAGE, Recipe
from pipelines.train.uptake_data import uptake_data


def learn_uptake(ground: Ground, recipe: Recipe, on: dt.date, seed: int) -> Learned:
    """Learn until the holdout begins. Raises TooLittleToLearn."""
    until = on - dt.timedelta(days=recipe.holdout_days(PACKAGE))
    config = recipe.uptake
    # Before a whole washout is on record, who applied lately looks like one who never did.
    days = landmarks(ground.first_day, until, config.washout_days)
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
