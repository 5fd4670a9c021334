"""Everything learned from or told of many subjects at once, as bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl
from scipy import sparse

from benchmarks.interference.campaigns import audiences, came_of, sent
from benchmarks.interference.learned import random_champions
from benchmarks.interference.people import AT, TODAY
from benchmarks.interference.town import Town
from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.statements import AttributeHistory
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals
from models.life_event_forecast.labels import LABELS, ForecastLabels
from models.policy_package.policy_book import policy_book
from models.standing.working_days import published_calendar
from pipelines.catalogue_change.impact import impact
from pipelines.catalogue_change.population import population
from pipelines.demand.held import read_held
from pipelines.evaluate.slices import groups_of
from pipelines.evaluate.usual_rates import usual_rates
from pipelines.features.named import NamedFeatures
from pipelines.invite.report import _counted
from pipelines.score.ground import Rules
from pipelines.score.run import _score_part
from pipelines.train.affinity_data import affinity_dataset, batch_on
from pipelines.train.forecast_data import learning_data
from pipelines.train.ground import Ground, read_grounds
from pipelines.train.landmarks import landmarks
from pipelines.train.past_pages import PastPages
from pipelines.train.recipe import recipe
from pipelines.train.uptake_data import uptake_data
from records.case_counts import cases_opened
from records.database import reading
from records.item_feedback import item_feedback

Answers = Mapping[str, bytes]
SEEN_UNTIL = TODAY - dt.timedelta(days=60)


@dataclass(frozen=True)
class Population:
    """A town as the pipelines see it."""

    town: Town
    catalogue: Catalogue
    changed: Catalogue
    """The catalogue after a change whose reach is measured."""

    def trained_on(self) -> Answers:
        """The point-in-time tables and every data set that a model is fitted to."""
        named = self._named()
        written = {view: _digest(pl.concat(frames)) for view, frames in named.views.items()}
        grounds = read_grounds(self.town.settings, self.catalogue, TODAY)
        labels = labels_in(self.catalogue)
        for kind, ground in grounds.items():
            written |= {
                f"{kind}.{name}": _digest(value) for name, value in self._learned_from(ground, labels)
            }
        return written

    def counted(self) -> Answers:
        """Statistics that are of nobody in particular, and what plans of demand rest on."""
        found = {"statistics": _digest(self._named().statistics())}
        for held in read_held(self.town.settings, self.catalogue, TODAY):
            found[f"{held.kind}.records"] = _digest((held.records, held.invitations, held.scale))
            found[f"{held.kind}.districts"] = _digest(held.districts())
        with reading(self.town.engine) as connection:
            told = item_feedback(connection, self.catalogue, AT - dt.timedelta(days=180), AT)
            found["feedback"] = _digest((sorted(told.exposures.items()), told.ratings))
            counted = cases_opened(connection, self.catalogue, AT - dt.timedelta(days=365), AT)
            for kind in SubjectKind:
                rows = _counted(connection, kind, self.catalogue, TODAY)
                found[f"{kind}.invitations"] = _digest(rows.sort(rows.columns))
            found["cases"] = _digest(sorted(counted.items()))
        for name, value in (
            *audiences(self.town, self.catalogue, "aggregate"),
            *came_of(self.town, self.catalogue),
        ):
            found[name] = _digest(value)
        return found

    def scored(self) -> Answers:
        """Where everybody stands by the city run and whom campaigns tell: what may be told unasked."""
        history = AttributeHistory(self.town.settings.attributes_path, self.catalogue)
        book, affinity = RuleBook(self.catalogue), random_champions(self.catalogue, 0).affinity
        rules = Rules(self.catalogue, history, book, published_calendar(), TODAY, affinity)
        people = [(one.now.subject, one.now.kind.value) for one in self.town.people]
        everyone = pl.DataFrame(sorted(people), schema={"id": pl.String, "kind": pl.String}, orient="row")
        found = {"standings": _digest(_score_part(self.town.engine, rules, everyone))}
        for name, value in (
            *audiences(self.town, self.catalogue, "remind"),
            *sent(self.town, self.catalogue),
        ):
            found[name] = _digest(value)
        return found

    def judged(self) -> Answers:
        """Whom a change of the catalogue touches."""
        found = impact(
            self.catalogue,
            self.changed,
            population(self.town.settings),
            self.town.settings.attributes_path,
            TODAY,
        )
        return {"impact": msgspec.json.encode(found)}

    def _named(self) -> NamedFeatures:
        named = NamedFeatures(AttributeHistory(self.town.settings.attributes_path, self.catalogue), AT)
        with reading(self.town.engine) as connection:
            for kind in SubjectKind:
                named.gather(connection, kind, lambda _done: None)
        return named

    def _learned_from(self, ground: Ground, labels: ForecastLabels) -> Iterator[tuple[str, Any]]:
        kind, until = ground.kind, SEEN_UNTIL
        own = tuple(label for label in labels.labels if self.catalogue.events[label.event].subject == kind)
        own_labels = msgspec.structs.replace(labels, labels=own)
        days = landmarks(ground.first_day, until)[-2:]
        yield "landmarks", landmarks(ground.first_day, until)
        yield "records", ground.records
        yield "traits", ground.traits(until)
        for scope in (Scope.CHILD, Scope.PERMIT):
            yield f"table.{scope}", ground.table(until, scope).frame
        dataset, indicators, subjects = affinity_dataset(ground, until)
        yield "affinity", (dataset, indicators, subjects)
        yield "affinity.batch", batch_on(ground, until, indicators, dataset.items, subjects)
        yield "forecast", learning_data(ground, own_labels, until, days)
        yield "usual", usual_rates(ground, own_labels, until, "within_90").rates.sort("event", "group")
        signals = LearnedSignals(random_champions(self.catalogue, 0), self.catalogue)
        pages = PastPages(ground, signals, published_calendar())
        yield "pages", list(pages.examples([until], 20, 1))
        yield "slices", groups_of(ground.traits(until), subjects, kind)
        if kind is SubjectKind.ENTERPRISE:
            yield "uptake", uptake_data(ground, policy_book(self.catalogue), until, days, recipe().uptake)


def labels_in(catalogue: Catalogue) -> ForecastLabels:
    """The declared labels of such events as a catalogue has, told by what it has."""
    whole = msgspec.yaml.decode(LABELS.read_bytes(), type=ForecastLabels)
    kept = []
    for label in whole.labels:
        if label.event not in catalogue.events or label.event in whole.forbidden_events:
            continue
        register = label.register
        if register is not None and register.attribute not in catalogue.attributes:
            register = None
        kept.append(
            msgspec.structs.replace(
                label,
                cases=tuple(item for item in label.cases if item in catalogue.items),
                certificates=tuple(
                    paper for paper in label.certificates if paper in catalogue.evidence_types
                ),
                register=register,
            )
        )
    return msgspec.structs.replace(whole, labels=tuple(kept))


def _digest(value: Any) -> bytes:
    """A digest of every byte of a value: frames, arrays, and whatever is made of them."""
    sum_ = hashlib.sha256()
    _feed(sum_, value)
    return sum_.digest()


def _feed(into: Any, value: Any) -> None:
    if isinstance(value, pl.DataFrame | pl.Series):
        frame = value.to_frame() if isinstance(value, pl.Series) else value
        buffer = io.BytesIO()
        # Parquet writes no bytes for an empty cell; Arrow keeps what a mask left beneath it in memory.
        frame.rechunk().write_parquet(buffer, compression="uncompressed")
        into.update(buffer.getvalue())
    elif sparse.issparse(value):
        matrix: Any = value
        rows = matrix.tocsr()
        for part in (rows.data, rows.indices, rows.indptr):
            into.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(value, np.ndarray):
        into.update(np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _feed(into, getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for part in value:
            _feed(into, part)
    else:
        into.update(repr(value).encode())
