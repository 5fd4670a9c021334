"""`enterprise-policy-package` judged on what firms applied for after it was trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from pipelines.train.landmarks import STEP_DAYS
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
    data = _closed(
        uptake_data(ground, book, ground.on, _days(ground, until, config), config, fitted[MODEL].indicators)
    )
    applied = data.windows["applied"].to_numpy().astype(np.bool_)
    if not applied.any():
        raise NothingToJudgeOn(f"no firm applied for a policy it was admitted to after {until}")
    said = {name: _applying(model, ground, data, config) for name, model in fitted.items()}
    slates = _Slates.of(data)
    usual = np.asarray([policy.usual_uptake for policy in book.policies])
    amount = np.asarray([policy.known_amount for policy in book.policies])
    said["popularity"] = sigmoid(_overall(fitted[MODEL], data) + usual[slates.policy])
    methods = {
        name: Method(
            mean_by(slates.firm, 1 - (chance - applied) ** 2, len(slates.firms)),
            slates.reached(chance, applied),
            reliability(chance, applied).expected_calibration_error,
        )
        for name, chance in said.items()
    }
    metrics = {
        f"{name.replace(' ', '_')}.ndcg_at_5": slates.ndcg(chance, applied)
        for name, chance in {**said, "amount alone": amount[slates.policy]}.items()
    }
    found = reliability(said[MODEL], applied)
    metrics |= {
        "brier_skill": 1 - found.brier / max(found.brier_of_base_rate, 1e-12),
        "expected_calibration_error": found.expected_calibration_error,
        "windows": float(len(applied)),
        "applications": float(applied.sum()),
        "firms": float(len(slates.firms)),
    }
    groups = groups_of(ground.traits(until), slates.firms, ground.kind).drop("subject")
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
        data = _closed(uptake_data(ground, data.book, ground.on, days, config, model.indicators))
    places = model.book.places
    known = data.windows["item"].is_in(list(places)).to_numpy()
    chance = np.full(len(known), float(np.median(model.applying.calibration.probabilities)))
    if known.any():
        own = replace(
            data, windows=data.windows.filter(pl.Series(known)), book=model.book, row=data.row[known]
        )
        chance[known] = model.applying.probabilities(cases_of(own, model.book))
    return chance


def _overall(model: UptakeModel, data: UptakeData) -> float:
    """The log odds of applying that the model expects of all windows together."""
    mean = float(np.clip(model.applying.probabilities(cases_of(data, model.book)).mean(), 1e-6, 1 - 1e-6))
    return float(np.log(mean / (1 - mean)))


@dataclass(frozen=True, slots=True, eq=False)
class _Slates:
    """The windows as slates: what one firm was admitted to on one landmark."""

    firms: pl.Series
    firm: npt.NDArray[np.int64]
    """(windows,) into `firms`."""
    slate: npt.NDArray[np.int64]
    """(windows,)."""
    policy: npt.NDArray[np.int32]
    """(windows,) into the book."""
    policies: int

    @classmethod
    def of(cls, data: UptakeData) -> _Slates:
        """The slates of some windows."""
        firms = data.windows["subject"].unique().sort()
        place = {firm: at for at, firm in enumerate(firms)}
        firm = data.windows["subject"].replace_strict(place, return_dtype=pl.Int64)
        slate = data.windows.select(pl.struct("subject", "landmark").rank("dense") - 1).to_series()
        policy = data.windows["item"].replace_strict(data.book.places, return_dtype=pl.Int32)
        return cls(
            firms,
            firm.to_numpy(),
            slate.cast(pl.Int64).to_numpy(),
            policy.to_numpy(),
            len(data.book.policies),
        )

    def reached(self, chance: Floats, applied: npt.NDArray[np.bool_]) -> Floats:
        """Share of a firm's slates whose first five held what it applied for; NaN without any."""
        table, gains = self._tables(chance, applied)
        shown = top_places(np.nan_to_num(table), K, np.isfinite(table))
        hit = (np.take_along_axis(gains, np.maximum(shown, 0), axis=1) * (shown >= 0)).sum(axis=1) > 0
        of_slate = np.full(len(table), -1, dtype=np.int64)
        of_slate[self.slate] = self.firm
        wanted = gains.sum(axis=1) > 0
        return mean_by(of_slate[wanted], hit[wanted].astype(np.float64), len(self.firms))

    def ndcg(self, chance: Floats, applied: npt.NDArray[np.bool_]) -> float:
        """Mean nDCG@5 over the slates something was applied for from."""
        table, gains = self._tables(chance, applied)
        return float(np.nanmean(ndcg(np.nan_to_num(table), gains, k=K, admissible=np.isfinite(table))))

    def _tables(self, chance: Floats, applied: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """(slates, policies): the chance, NaN where not admitted; and 1 where applied for."""
        shape = (int(self.slate.max()) + 1, self.policies)
        table, gains = np.full(shape, np.nan), np.zeros(shape)
        table[self.slate, self.policy] = chance
        gains[self.slate, self.policy] = applied
        return table, gains


def _days(ground: Ground, until: dt.date, config: UptakeConfig) -> list[dt.date]:
    """Landmarks from the last day the models saw, as long as their windows close on record."""
    last = ground.on - dt.timedelta(days=config.horizon_days + config.reporting_delay_days)
    count = (last - until).days // STEP_DAYS + 1
    return [until + dt.timedelta(days=STEP_DAYS * i) for i in range(max(count, 0))]


def _closed(data: UptakeData) -> UptakeData:
    """The windows whose outcome is known."""
    known = data.windows["applied"].is_not_null()
    return replace(data, windows=data.windows.filter(known), row=data.row[known.to_numpy()])
