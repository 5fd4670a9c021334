"""The slates of a city whose people refused every delicate theme, and what stays open of each of them."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import Engine, delete, not_

from benchmarks.interference.town import PackedProfiles
from benchmarks.privacy_attacks.sample_city import SampleCity
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from features.packed import packed_profiles
from features.schema import Absence
from features.statements import AttributeHistory
from models.affinity.export import load_affinity
from models.artifact import Manifest
from models.eligibility.rule_book import RuleBook
from models.homepage import Champions, LearnedSignals
from models.life_event_forecast.export import load_forecasters
from models.ranking.use_model import load_use_models
from models.recommendation import Homepage
from models.standing.working_days import published_calendar
from pipelines.train.learn_affinity import learn_affinity
from pipelines.train.learn_forecast import learn_forecast
from pipelines.train.learn_ranking import learn_ranking
from pipelines.train.learned import Learned
from pipelines.train.recipe import recipe
from records.database import engine_for, writing
from records.profiles import ProfileReader
from records.settings import now_in_utc
from records.tables import consent
from serving.desk import Clock, Desk, Known

Floats = npt.NDArray[np.float64]
KEPT = ("attributes:ordinary", "attributes:declared", "evidence:ordinary", "interactions")
"""What everybody still consents to."""
PERSONAL: tuple[SubjectKind, ...] = (SubjectKind.CITIZEN,)


@dataclass(frozen=True)
class Slates:
    """What an attacker sees of so many people: their slates, and their attributes that are not masked."""

    subjects: tuple[str, ...]
    slates: Floats
    """(subjects, items and guessed events): how high each stands, its score; 0 where it is not shown."""
    open: Floats
    """(subjects, columns): what is not masked of each, coded."""


def champions(city: SampleCity, seed: int) -> Champions:
    """What a run learns of citizens and serves, read back from its artefacts."""
    ground, on = city.grounds[SubjectKind.CITIZEN], city.grounds[SubjectKind.CITIZEN].on
    with tempfile.TemporaryDirectory() as folder:
        affinity = _saved(learn_affinity(ground, recipe(), on, seed), Path(folder) / "affinity", city)
        forecast = _saved(
            learn_forecast({ground.kind: ground}, recipe(), on, seed), Path(folder) / "forecast", city
        )
        ranking = _saved(
            learn_ranking({ground.kind: ground}, recipe(), on, seed), Path(folder) / "ranking", city
        )
        return Champions(
            affinity={ground.kind: load_affinity(affinity)[0]},
            forecast=load_forecasters(forecast)[0],
            use=load_use_models(ranking)[0],
        )


def _saved(learned: Learned, folder: Path, city: SampleCity) -> Path:
    manifest = Manifest(
        name=learned.model,
        version="1",
        kind=learned.kind,
        catalogue_version=city.catalogue.version,
        feature_service=learned.feature_service,
        commit="",
        trained_to=learned.trained_to,
        metrics={},
    )
    learned.save(folder, manifest)
    return folder


def refuse_delicate(engine: Engine) -> None:
    """Take back, for good, every consent to a theme that is delicate."""
    with writing(engine) as connection:
        connection.execute(delete(consent).where(not_(consent.c.target.in_(KEPT))))


def slates(city: SampleCity, learned: Champions, most: int) -> Slates:
    """The slates of citizens whose pages are ordered for them."""
    settings, at = city.settings, now_in_utc(city.settings)
    engine = engine_for(settings.records_url)
    refuse_delicate(engine)
    desk = Desk(
        catalogue=city.catalogue,
        engine=engine,
        profiles=ProfileReader(engine, _online(city, at)),
        judge=RuleBook(city.catalogue),
        calendar=published_calendar(),
        clock=Clock(on=lambda: city.grounds[SubjectKind.CITIZEN].on, at=lambda: at),
        learned=LearnedSignals(learned, city.catalogue),
    )
    seen: dict[str, tuple[Known, Homepage]] = {}
    for subject in city.grounds[SubjectKind.CITIZEN].subjects["subject"]:
        known = desk.known(SubjectKind.CITIZEN, subject)
        if known.rank is not None:
            seen[subject] = known, desk.homepage_of(known)
        if len(seen) == most:
            break
    engine.dispose()
    rows = [_slate(page, city) for _, page in seen.values()]
    told = [_plain(known, at.date()) for known, _ in seen.values()]
    return Slates(tuple(seen), np.stack(rows), _coded(told))


def _online(city: SampleCity, at: dt.datetime) -> PackedProfiles:
    """Every profile as it is packed for the online store."""
    history, online = AttributeHistory(city.settings.attributes_path, city.catalogue), PackedProfiles(at)
    for kind in PERSONAL:
        for scope in SCOPES_OF[kind]:
            for part in packed_profiles(history, kind, Scope(scope), at):
                registers = part.drop("scope_item", "event_timestamp").columns
                for id_, *packets in part.select("scope_item", *registers).iter_rows():
                    held = {r: p for r, p in zip(registers, packets, strict=True) if p}
                    online.packets.setdefault(id_, {}).update(held)
    return online


def _slate(page: Homepage, city: SampleCity) -> Floats:
    """For each item how high it stands in its section, and its score; for each event its chance."""
    place = {item: at for at, item in enumerate(sorted(city.catalogue.items))}
    events = {event: at for at, event in enumerate(sorted(city.catalogue.events))}
    out = np.zeros(2 * len(place) + len(events))
    for section in (page.should_do, page.can_do, page.upcoming, page.needs_information):
        for rank, entry in enumerate(section, start=1):
            out[place[entry.item]] = max(out[place[entry.item]], 1 / rank)
            out[len(place) + place[entry.item]] = entry.score or 0.0
    for progress in page.events:
        out[2 * len(place) + events[progress.event]] = progress.probability or 1.0
    return out


def _coded(rows: list[dict[str, float]]) -> Floats:
    """Named numbers as columns, those that everybody shares left out."""
    place = {name: at for at, name in enumerate(sorted({name for row in rows for name in row}))}
    out = np.zeros((len(rows), len(place)))
    for at, row in enumerate(rows):
        for name, value in row.items():
            out[at, place[name]] = value
    return out[:, out.std(axis=0) > 0]


def _plain(known: Known, on: dt.date) -> dict[str, float]:
    """All that is open of a subject, summed over what is theirs: words, numbers, that something is known."""
    row: dict[str, float] = {}

    def add(name: str, value: float) -> None:
        row[name] = row.get(name, 0.0) + value

    for item in known.assess.scope_items:
        add(str(item.scope), 1.0)
        for name, value in item.attributes.items():
            add(f"{name}?", 1.0)
            if isinstance(value, Absence):
                add(f"{name}=none", 1.0)
            elif isinstance(value, bool | str):
                add(f"{name}={value}", 1.0)
            elif isinstance(value, dt.date):
                add(name, (value - on).days / 365)
            else:
                add(name, float(np.arcsinh(value)))
        for paper in item.evidence:
            add(f"holds={paper.type}", 1.0)
        for case in item.cases:
            add(f"case={case.item}", 1.0)
    return row


def truth_of(city: SampleCity, subjects: tuple[str, ...], attributes: tuple[str, ...]) -> pl.DataFrame:
    """What the registers really hold of these attributes, in the order of the subjects."""
    from features.snapshot import snapshot_at

    ground = city.grounds[SubjectKind.CITIZEN]
    table = snapshot_at(ground.history, ground.kind, Scope.SELF, ground.at, ground.raw.scope_items)
    own = pl.DataFrame({"subject": list(subjects)})
    return own.join(table.frame, on="subject", how="left", maintain_order="left").select(*attributes)
