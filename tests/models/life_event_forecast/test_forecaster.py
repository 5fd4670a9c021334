"""The forecast learns, is calibrated on later time, and survives being stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from catalog.vocabulary import Scope, SubjectKind
from features.indicators import fit_indicators
from features.schema import MaskedProfile, MaskedRecordTables, ScopeItem
from models.artifact import ArtifactError, Manifest, save_artifact
from models.life_event_forecast.export import load_forecasters, save_forecasters
from models.life_event_forecast.forecaster import KIND, LifeEventForecaster, side_by_side
from models.life_event_forecast.holdings import fit_holdings
from models.life_event_forecast.occurrences import occurrences
from models.life_event_forecast.query_words import QueryWords
from models.life_event_forecast.risk import OBSERVED, risk_windows, within
from models.life_event_forecast.signals import EventItems, signal_table
from models.life_event_forecast.training import (
    FittedForecast,
    ForecastConfig,
    ForecastData,
    TooFewOccurrences,
    fit_forecast,
)
from models.logit.calibration import reliability
from models.logit.crossed import Cases
from tests.models.life_event_forecast.forecast_world import LABELS, MONTHS, NAMES, START, unfolding

MANIFEST = Manifest(
    name="forecast",
    version="1",
    kind=KIND,
    catalogue_version="c1",
    feature_service="v1",
    commit="0" * 40,
    trained_to=dt.date(2026, 1, 1),
    metrics={},
)
ITEMS = EventItems(("le-trip", "le-car"), {"cs-passport": (0,), "cs-plate": (1,)}, QueryWords(NAMES))


def data_of(records: MaskedRecordTables, traits: pl.DataFrame) -> ForecastData:
    end = START + dt.timedelta(days=round(30.4375 * MONTHS))
    landmarks = [START + dt.timedelta(days=30 * m) for m in range(3, MONTHS)]
    observed = pl.DataFrame(
        [(event, s, START, end) for event in ITEMS.events for s in traits["subject"]],
        schema=OBSERVED,
        orient="row",
    )
    windows = risk_windows(LABELS, occurrences(LABELS, records), observed, landmarks)
    days = windows.select("subject", "landmark").unique(maintain_order=True)
    indicators = fit_indicators(traits, ["young"])
    holdings = fit_holdings(days, records, ())
    own = days.join(traits, on="subject", how="left", maintain_order="left")
    at = days.with_row_index("row")
    rows = windows.join(at, on=["subject", "landmark"], maintain_order="left")["row"]
    group = windows["event"].replace_strict({e: i for i, e in enumerate(ITEMS.events)})
    cases = Cases(
        group.to_numpy().astype(np.int32),
        signal_table(windows, records, ITEMS),
        rows.to_numpy().astype(np.int32),
        side_by_side(indicators.encode(own), holdings.encode(days, records)),
    )
    return ForecastData(windows, cases, ITEMS, indicators, holdings)


@pytest.fixture(scope="module")
def fitted() -> FittedForecast:
    return fit_forecast(data_of(*unfolding(1)), LABELS, ForecastConfig(), seed=1)


def test_it_is_calibrated_and_informative_on_a_world_it_never_saw(fitted: FittedForecast) -> None:
    fresh = data_of(*unfolding(2))
    # Codings are part of the model; the fresh world is coded by them.
    said = fitted.forecaster.probabilities(fresh.cases)
    for column, horizon in enumerate(LABELS.horizons_days):
        outcome = fresh.windows[within(horizon)]
        known = outcome.is_not_null().to_numpy()
        found = reliability(said[known, column], outcome.fill_null(False).to_numpy()[known])
        assert found.expected_calibration_error < 0.03
        assert 0.8 < found.calibration_in_the_large < 1.25
        assert found.brier < 0.98 * found.brier_of_base_rate


def test_a_longer_horizon_is_never_less_likely(fitted: FittedForecast) -> None:
    said = fitted.forecaster.probabilities(data_of(*unfolding(3, 200)).cases)
    assert (np.diff(said, axis=1) >= 0).all()
    assert ((said > 0) & (said < 1)).all()


def test_storing_keeps_every_probability(fitted: FittedForecast) -> None:
    specification, arrays = fitted.forecaster.export()
    restored = LifeEventForecaster.restore(specification, arrays)
    cases = data_of(*unfolding(3, 200)).cases
    assert np.array_equal(restored.probabilities(cases), fitted.forecaster.probabilities(cases))


def test_what_is_saved_is_loaded_and_what_does_not_fit_is_refused(
    fitted: FittedForecast, tmp_path: Path
) -> None:
    save_forecasters(tmp_path / "kept", {SubjectKind.CITIZEN: fitted.forecaster}, MANIFEST)
    loaded, manifest = load_forecasters(tmp_path / "kept")
    assert manifest == MANIFEST
    assert loaded[SubjectKind.CITIZEN].events == fitted.forecaster.events
    specification, arrays = fitted.forecaster.export()
    own = {f"citizen/{name}": array for name, array in arrays.items()}
    other = {"citizen": {**specification, "signals": ["other"]}}
    save_artifact(tmp_path / "other", MANIFEST, other, own)
    with pytest.raises(ArtifactError, match="other signals"):
        load_forecasters(tmp_path / "other")


def test_one_profile_is_forecast_as_its_row_is(fitted: FittedForecast) -> None:
    on = START + dt.timedelta(days=300)
    profile = MaskedProfile(
        subject="s",
        kind=SubjectKind.CITIZEN,
        purpose="rank",
        scope_items=(ScopeItem("s", Scope.SELF, "s"),),
        interactions=(),
        relations=(),
        withheld=frozenset(),
    )
    young, old = (
        {f.event: f.within for f in fitted.forecaster.forecast(profile, {"young": value}, on)}
        for value in ("true", "false")
    )
    assert young["le-trip"][180] > 1.5 * old["le-trip"][180]
    assert set(young) == set(ITEMS.events)


def test_too_little_history_is_said_not_guessed() -> None:
    records, traits = unfolding(1, 5)
    with pytest.raises(TooFewOccurrences, match="add history"):
        fit_forecast(data_of(records, traits), LABELS, ForecastConfig(), seed=1)
