"""Fitting uptake: windows in which a firm that may apply does or does not, early ones teaching later ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from features.indicators import Indicators
from features.schema import MaskedRecordTables
from models.logit.calibration import Calibration, fit_calibration
from models.logit.crossed import Cases, CrossedLogit, fit_crossed
from models.policy_package.policy_book import PolicyBook
from models.policy_package.uptake import Stage, UptakeModel
from models.policy_package.uptake_signals import SIGNALS, signal_table
from models.policy_package.uptake_windows import UptakeConfig

Bools = npt.NDArray[np.bool_]


class TooFewApplications(ValueError):
    """Not enough was applied for, within what is observed, to learn from; says how much there was."""


@dataclass(frozen=True, slots=True, eq=False)
class UptakeData:
    """Windows at risk: outcomes and, of those who applied, whether they obtained."""

    windows: pl.DataFrame
    """subject, item, landmark, applied, obtained: Booleans, null where not known."""
    records: MaskedRecordTables
    book: PolicyBook
    indicators: Indicators
    row: npt.NDArray[np.int32]
    """Each window's row of `coded`."""
    coded: sparse.csr_array
    """(subject days, indicators)."""


def fit_uptake(data: UptakeData, config: UptakeConfig, seed: int) -> UptakeModel:
    """The fitted model. Raises TooFewApplications."""
    known = data.windows["applied"].is_not_null().to_numpy()
    landmarks = data.windows["landmark"].to_numpy()
    first = _first_late_day(landmarks[known], config.calibration_share)
    early = known & (landmarks + np.timedelta64(config.horizon_days, "D") <= first)
    late = known & (landmarks >= first)
    book = _with_usual_uptake(data.book, data.windows.filter(pl.Series(early)), config.prior_cases)
    cases = cases_of(data, book)
    applied = data.windows["applied"].fill_null(False).to_numpy()
    for name, part in (("learning", early), ("calibration", late)):
        if applied[part].sum() < config.least_applications:
            raise TooFewApplications(
                f"{int(applied[part].sum())} applications in {int(part.sum())} windows for {name}, "
                f"wanted {config.least_applications}: add history or firms that let it be used"
            )
    recency = _recency(landmarks, late, config.recency_half_life)
    applying = _stage(cases, applied, early, late, book, config, seed, recency)
    obtained = data.windows["obtained"]
    decided = obtained.is_not_null().to_numpy()
    got = obtained.fill_null(False).to_numpy()
    obtaining = _stage(cases, got, early & decided, late & decided, book, config, seed, recency)
    return UptakeModel(book, data.indicators, applying, obtaining)


def cases_of(data: UptakeData, book: PolicyBook) -> Cases:
    """The windows as cases, in their order; groups index the book's categories."""
    places = data.windows["item"].replace_strict(book.places, return_dtype=pl.Int32).to_numpy()
    signals = signal_table(data.windows, data.records, book)
    return Cases(book.groups()[places], signals, data.row, data.coded)


def _stage(
    cases: Cases,
    outcome: Bools,
    early: Bools,
    late: Bools,
    book: PolicyBook,
    config: UptakeConfig,
    seed: int,
    recency: npt.NDArray[np.float64],
) -> Stage:
    """A fitted and calibrated stage; where too little was decided to tell firms apart, the plain rate."""
    enough = all(
        config.least_applications <= int(outcome[part].sum()) < int(part.sum()) for part in (early, late)
    )
    if not enough:
        return _plain_rate(outcome[early | late], book, cases.indicators.shape[1])
    logit = fit_crossed(cases.take(early), outcome[early], book.categories, config.logit, seed)
    return Stage(logit, fit_calibration(logit.logits(cases.take(late)), outcome[late], recency[late]))


def _recency(landmarks: npt.NDArray[np.datetime64], late: Bools, half_life: float) -> npt.NDArray[np.float64]:
    """How much each window counts in calibration: those who would apply do so and are gone, so rates fall."""
    ages = (landmarks[late].max() - landmarks) / np.timedelta64(1, "D") if late.any() else np.zeros(len(late))
    return np.asarray(0.5 ** (ages / half_life), dtype=np.float64)


def _plain_rate(outcome: Bools, book: PolicyBook, indicators: int) -> Stage:
    rate = (float(outcome.sum()) + 1.0) / (len(outcome) + 2.0)
    groups = len(book.categories)
    flat = CrossedLogit(
        book.categories, np.zeros(groups), np.zeros((groups, len(SIGNALS))), np.zeros((indicators, groups))
    )
    return Stage(flat, Calibration(np.array([0.0, 1.0]), np.array([rate, rate]), "plain rate"))


def _with_usual_uptake(book: PolicyBook, windows: pl.DataFrame, prior: float) -> PolicyBook:
    """The book with each policy's usual log odds of being applied for, as the early windows tell."""
    overall = (float(windows["applied"].cast(pl.Float64).sum()) + 0.5) / (len(windows) + 1.0)
    counts = {
        item: (cases, applied)
        for item, cases, applied in windows.group_by("item").agg(pl.len(), pl.col("applied").sum()).rows()
    }

    def odds(item: str) -> float:
        cases, applied = counts.get(item, (0, 0))
        rate = (applied + prior * overall) / (cases + prior)
        return float(np.log(rate / (1 - rate)) - np.log(overall / (1 - overall)))

    policies = (msgspec.structs.replace(p, usual_uptake=odds(p.item)) for p in book.policies)
    return replace(book, policies=tuple(policies))


def _first_late_day(landmarks: npt.NDArray[np.datetime64], share: float) -> np.datetime64:
    days = np.unique(landmarks)
    if not len(days):
        return np.datetime64(dt.date.max, "D")
    return np.datetime64(days[-max(1, round(share * len(days)))], "D")
