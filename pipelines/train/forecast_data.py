"""Windows at risk of declared events, with what was known at the start of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import Sensitivity, SubjectKind
from features.indicators import Indicators, fit_indicators
from features.named import traits_of
from features.schema import MaskedRecordTables
from models.life_event_forecast.forecaster import side_by_side
from models.life_event_forecast.holdings import Holdings, fit_holdings
from models.life_event_forecast.labels import EventLabel, ForecastLabels
from models.life_event_forecast.occurrences import CHANGES, occurrences
from models.life_event_forecast.risk import OBSERVED, risk_windows
from models.life_event_forecast.signals import EventItems, event_items, signal_table
from models.life_event_forecast.training import ForecastData
from models.logit.crossed import Cases
from pipelines.train.ground import Ground
from privacy.tags import EVENT


def labels_of(labels: ForecastLabels, catalogue: Catalogue, kind: SubjectKind) -> ForecastLabels:
    """The labels of one kind of subject's events."""
    own = tuple(label for label in labels.labels if catalogue.events[label.event].subject == kind)
    return msgspec.structs.replace(labels, labels=own)


def ordinary_traits(catalogue: Catalogue, kind: SubjectKind) -> list[str]:
    """The traits a forecast may read: none that is sensitive, whatever was consented to."""
    return [
        name
        for name, trait in traits_of(catalogue, kind).items()
        if catalogue.attributes[trait.attribute].sensitivity is Sensitivity.ORDINARY
    ]


def learning_data(
    ground: Ground, labels: ForecastLabels, until: dt.date, days: Sequence[dt.date]
) -> ForecastData:
    """Windows from these landmarks as the records of `until` tell them, coded afresh."""
    records = ground.records_until(until)
    windows = windows_of(ground, labels, records, until, days)
    wanted = ordinary_traits(ground.catalogue, ground.kind)
    seen = pl.concat([ground.traits(day) for day in days[-1:]]) if days else ground.traits(until)
    indicators = fit_indicators(seen, wanted)
    own_days = windows.select("subject", "landmark").unique(maintain_order=True)
    holdings = fit_holdings(own_days, records, labels.forbidden_services)
    items = event_items(labels, ground.catalogue)
    return _coded(ground, windows, records, items, indicators, holdings)


def scoring_data(
    ground: Ground,
    labels: ForecastLabels,
    until: dt.date,
    days: Sequence[dt.date],
    coding: tuple[EventItems, Indicators, Holdings],
) -> ForecastData:
    """Windows coded as a fitted forecaster reads them; events it does not know are left out."""
    items, indicators, holdings = coding
    records = ground.records_until(until)
    windows = windows_of(ground, labels, records, until, days).filter(pl.col("event").is_in(items.events))
    return _coded(ground, windows, records, items, indicators, holdings)


def windows_of(
    ground: Ground,
    labels: ForecastLabels,
    records: MaskedRecordTables,
    until: dt.date,
    days: Sequence[dt.date],
) -> pl.DataFrame:
    """The windows at risk from these landmarks, as the records of `until` tell them."""
    told = occurrences(labels, records, _register_changes(ground, labels, [*days, until]))
    return risk_windows(labels, told, _observed(ground, labels, until), days)


def _observed(ground: Ground, labels: ForecastLabels, until: dt.date) -> pl.DataFrame:
    """Whose telling records training may see: of the others, silence says nothing.

    Who deleted the guess at an event is no case of it either.
    """
    frames = [
        pl.DataFrame({"subject": ground.observed(*_tells(label))})
        .join(ground.deleted.filter(pl.col("tag") == f"{EVENT}:{label.event}"), on="subject", how="anti")
        .select(
            pl.lit(label.event).alias("event"),
            "subject",
            pl.lit(ground.first_day).alias("observed_from"),
            pl.lit(until).alias("observed_to"),
        )
        for label in labels.labels
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=OBSERVED)


def _tells(label: EventLabel) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    return label.cases, label.certificates, () if label.register is None else (label.register.attribute,)


def _register_changes(ground: Ground, labels: ForecastLabels, days: Sequence[dt.date]) -> pl.DataFrame:
    """What labelled attributes became, seen on these days; a date attribute says itself when."""
    watched = {label.register.attribute: label.register for label in labels.labels if label.register}
    found = []
    before: dict[str, pl.DataFrame] = {}
    for day in sorted(set(days)) if watched else ():
        frame = ground.attributes(day, watched.keys())
        for name in sorted(watched.keys() & set(frame.columns)):
            told = frame.select("subject", value=pl.col(name)).drop_nulls()
            if watched[name].dated:
                at = pl.col("value").cast(pl.Date)
            else:
                at = pl.lit(day)
                # What held on the first day seen became so nobody knows when.
                same = before.get(name, told)
                before[name], told = told, told.join(same, on=["subject", "value"], how="anti")
            change = told.select(
                "subject", attribute=pl.lit(name), value=pl.col("value").cast(pl.String), at=at
            )
            found.append(change)
    return pl.concat(found).unique() if found else pl.DataFrame(schema=CHANGES)


def _coded(
    ground: Ground,
    windows: pl.DataFrame,
    records: MaskedRecordTables,
    items: EventItems,
    indicators: Indicators,
    holdings: Holdings,
) -> ForecastData:
    days = windows.select("subject", "landmark").unique().sort("landmark", "subject")
    parts = [
        days.filter(pl.col("landmark") == day).join(
            ground.traits(day), on="subject", how="left", maintain_order="left"
        )
        for day in days["landmark"].unique().sort()
    ]
    coded = pl.concat(parts) if parts else days
    at = days.with_row_index("row")
    rows = windows.join(at, on=["subject", "landmark"], how="left", maintain_order="left")["row"]
    place = {event: i for i, event in enumerate(items.events)}
    cases = Cases(
        windows["event"].replace_strict(place, return_dtype=pl.Int32).to_numpy(),
        signal_table(windows, records, items),
        rows.cast(pl.Int32).to_numpy(),
        side_by_side(indicators.encode(coded), holdings.encode(days, records)),
    )
    return ForecastData(windows, cases, items, indicators, holdings)
