"""`enterprise-policy-package` judged on what firms applied for after it was trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from models.affinity.metrics import ndcg, top_places
from models.logit.calibration import reliability, sigmoid
from models.policy_package.uptake import UptakeModel
from models.policy_package.uptake_training import UptakeData, cases_of
from models.policy_package.uptake_windows import UptakeConfig
from pipelines.evaluate.intervals import mean_by
from pipelines.evaluate.judge_affinity import NothingToJudgeOn
from pipelines.evaluate.judged import MODEL, Judged, Method
from pipelines.evaluate.slices import groups_of
from pipelines.train.ground import Ground
from pipelines.train.uptake_data import uptake_data

K = 5
Floats = npt.NDArray[np.float64]


def judge_uptake(
    ground: Ground,
    fitted: Mapping[str, UptakeModel],
    version: str,
    until: dt.date,
    config: UptakeConfig,
    reference: str,
) -> Judged:
    """The version under MODEL in `fitted`, beside the others there, popularity and amount alone.

    A case is a firm; its value is one less its mean Brier score over the policies it may apply for.
    Raises NothingToJudgeOn when no firm was admitted to anything, or none applied.
    """
    book = fitted[MODEL].book
    data = uptake_data(ground, book, ground.on, [until], config, fitted[MODEL].indicators)
    applied = data.windows["applied"].fill_null(False).to_numpy()
    if data.windows["applied"].null_count() == len(applied) or not applied.any():
        raise NothingToJudgeOn(f"no firm applied for a policy it was admitted to on {until}")
    said = {name: _applying(model, ground, data, config) for name, model in fitted.items()}
    firms = data.windows["subject"].unique().sort()
    owner = (
        data.windows["subject"]
        .replace_strict({firm: at for at, firm in enumerate(firms)}, return_dtype=pl.Int64)
        .to_numpy()
    )
    policies = data.windows["item"].replace_strict(book.places, return_dtype=pl.Int32).to_numpy()
    usual = np.asarray([policy.usual_uptake for policy in book.policies])
    amount = np.asarray([policy.known_amount for policy in book.policies])
    overall = _overall(fitted[MODEL], data)
    said["popularity"] = sigmoid(overall + usual[policies])
    methods = {
        name: Method(
            mean_by(owner, 1 - (chance - applied) ** 2, len(firms)),
            _reached(chance, owner, policies, applied, (len(firms), len(usual))),
            reliability(chance, applied).expected_calibration_error,
        )
        for name, chance in said.items()
    }
    ranked = {**said, "amount alone": amount[policies]}
    shape = (len(firms), len(usual))
    metrics = {
        f"{name.replace(' ', '_')}.ndcg_at_5": _ndcg(chance, owner, policies, applied, shape)
        for name, chance in ranked.items()
    }
    found = reliability(said[MODEL], applied)
    metrics |= {
        "brier_skill": 1 - found.brier / max(found.brier_of_base_rate, 1e-12),
        "expected_calibration_error": found.expected_calibration_error,
        "windows": float(len(applied)),
        "applications": float(applied.sum()),
        "firms": float(len(firms)),
    }
    groups = groups_of(ground.traits(until), firms, ground.kind).drop("subject")
    return Judged(
        "enterprise-policy-package",
        version,
        "1 - Brier of applying",
        methods,
        reference,
        groups,
        metrics,
        {"applying within 90 days": found},
    )


def _applying(model: UptakeModel, ground: Ground, data: UptakeData, config: UptakeConfig) -> Floats:
    """The model's chance of applying for every window; its own coding where it has another."""
    if model.indicators != data.indicators:
        days = data.windows["landmark"].unique().sort().to_list()
        data = uptake_data(ground, data.book, ground.on, days, config, model.indicators)
    places = model.book.places
    known = data.windows["item"].is_in(list(places)).to_numpy()
    chance = np.full(len(known), float(np.median(model.applying.calibration.probabilities)))
    if known.any():
        own = UptakeData(
            data.windows.filter(pl.Series(known)),
            data.records,
            model.book,
            model.indicators,
            data.row[known],
            data.coded,
        )
        chance[known] = model.applying.probabilities(cases_of(own, model.book))
    return chance


def _overall(model: UptakeModel, data: UptakeData) -> float:
    """The log odds of applying that the model expects of all windows together."""
    mean = float(np.clip(model.applying.probabilities(cases_of(data, model.book)).mean(), 1e-6, 1 - 1e-6))
    return float(np.log(mean / (1 - mean)))


def _table(
    values: Floats, owner: npt.NDArray[np.int64], policies: npt.NDArray[np.int32], shape: tuple[int, int]
) -> Floats:
    out = np.full(shape, np.nan)
    out[owner, policies] = values
    return out


def _reached(
    chance: Floats,
    owner: npt.NDArray[np.int64],
    policies: npt.NDArray[np.int32],
    applied: npt.NDArray[np.bool_],
    shape: tuple[int, int],
) -> Floats:
    """Whether a firm's first five held one it applied for; NaN for a firm that applied for none."""
    table = _table(chance, owner, policies, shape)
    gains = np.nan_to_num(_table(applied.astype(np.float64), owner, policies, shape))
    shown = top_places(np.nan_to_num(table), K, np.isfinite(table))
    hit = (np.take_along_axis(gains, np.maximum(shown, 0), axis=1) * (shown >= 0)).sum(axis=1) > 0
    return np.where(gains.sum(axis=1) > 0, hit.astype(np.float64), np.nan)


def _ndcg(
    chance: Floats,
    owner: npt.NDArray[np.int64],
    policies: npt.NDArray[np.int32],
    applied: npt.NDArray[np.bool_],
    shape: tuple[int, int],
) -> float:
    table = _table(chance, owner, policies, shape)
    gains = np.nan_to_num(_table(applied.astype(np.float64), owner, policies, shape))
    return float(np.nanmean(ndcg(np.nan_to_num(table), gains, k=K, admissible=np.isfinite(table))))
