"""The pages of a city's subjects on the first held-out day, ordered by the champions and by the baselines."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.city_world import PREFIX, CityWorld
from catalog.vocabulary import SubjectKind
from features.schema import MaskedProfile, PurposeName
from features.statements import end_of
from models.artifact import Manifest
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals, compose
from models.ranking.ranker import chances, one_a_pair
from models.recommendation import Entry, Homepage, Judgement
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from pipelines.train.ground import Ground
from pipelines.train.learn_affinity import learn_affinity
from pipelines.train.learn_forecast import learn_forecast
from pipelines.train.learn_ranking import learn_ranking
from pipelines.train.learn_uptake import learn_uptake
from pipelines.train.learned import Learned
from pipelines.train.recipe import MODELS, RANKING, Recipe, recipe
from privacy.consent import Consent
from privacy.gate import targets
from privacy.mask import mask
from privacy.policy_file import default_policy
from records.past_profiles import PastProfiles
from serving.champions import load_champions

Grounds = Mapping[SubjectKind, Ground]
EVERYTHING: Final[tuple[PurposeName, ...]] = ("assess", "rank")
"""The truth's `visible` assumes consent to ranking, so who is scored is taken to have given it."""


@dataclass(frozen=True, slots=True)
class Paged:
    """One subject's pages, what is admitted, and how many traces its past has."""

    subject: str
    kind: SubjectKind
    served: Homepage
    by_rules: Homepage
    admitted: tuple[Entry, ...]
    """One entry a pair, whatever its standing."""
    chances: Mapping[tuple[str, str], float]
    """By scope item and item, the ranker's."""
    traces: int
    profile: MaskedProfile
    """Masked to rank."""


def learn(grounds: Grounds, world: CityWorld, pages: Mapping[SubjectKind, int]) -> LearnedSignals:
    """The champions as they would be served: learned until the last day, written and read back."""
    plan, day, seed = _recipe(pages), world.last_day, world.seed
    learned = (
        learn_affinity(grounds[SubjectKind.CITIZEN], plan, day, seed),
        learn_uptake(grounds[SubjectKind.ENTERPRISE], plan, day, seed),
        learn_forecast(grounds, plan, day, seed),
        learn_ranking(grounds, plan, day, seed),
    )
    with tempfile.TemporaryDirectory() as folder:
        for one in learned:
            one.save(Path(folder) / one.model, _manifest(one, world))
        loaded = load_champions(Path(folder), world.catalogue)
    if loaded.refused:
        raise RuntimeError(f"artefacts refused: {', '.join(loaded.refused)}")
    return LearnedSignals(loaded.champions, world.catalogue)


def _recipe(pages: Mapping[SubjectKind, int]) -> Recipe:
    """The product's recipe with nothing held out, for the truth judges, and so many pages to learn from."""
    figures = dict(recipe().figures)
    figures["holdout_days"] = dict.fromkeys(MODELS, 0)
    figures[RANKING] = {**figures[RANKING], "pages": dict(pages)}
    return replace(recipe(), figures=figures)


def _manifest(learned: Learned, world: CityWorld) -> Manifest:
    return Manifest(
        name=learned.model,
        version="1",
        kind=learned.kind,
        catalogue_version=world.catalogue.version,
        feature_service=learned.feature_service,
        commit="benchmark",
        trained_to=learned.trained_to,
        metrics={},
    )


def pages(
    ground: Ground, signals: LearnedSignals, subjects: Collection[str], batch: int = 500
) -> Iterator[Paged]:
    """The pages of these subjects on the day after the ground's last."""
    day = ground.on + dt.timedelta(days=1)
    past, book = PastProfiles(ground.raw, ground.history), RuleBook(ground.catalogue)
    ordered = sorted(subjects)
    for at in range(0, len(ordered), batch):
        for subject, profile in past.read(ordered[at : at + batch], ground.on).items():
            consents = _everything(subject, ground)
            masked = {
                purpose: mask(profile, purpose, consents, ground.catalogue, ground.at)
                for purpose in EVERYTHING
            }
            yield _paged(masked["assess"], masked["rank"], book.judge(masked["assess"], day), signals)


def _paged(
    assess: MaskedProfile, rank: MaskedProfile, judgement: Judgement, signals: LearnedSignals
) -> Paged:
    catalogue, calendar = signals.catalogue, published_calendar()
    entries = stand(assess, catalogue, judgement, calendar)
    admitted = one_a_pair(entries)
    told = signals.signals(rank, judgement)
    if told is None or told.use is None:
        raise RuntimeError(f"no ranker was learned for a {assess.kind}")
    chance = {(of, item): p for (of, item, _), p in chances(admitted, told.use).items()}
    acts = sum(act.kind != "impression" for act in rank.interactions)
    return Paged(
        assess.subject,
        assess.kind,
        compose(assess, rank, catalogue, judgement, calendar, signals, entries),
        compose(assess, rank, catalogue, judgement, calendar, None, entries),
        admitted,
        chance,
        acts + sum(len(item.cases) for item in rank.scope_items),
        rank,
    )


def _everything(subject: str, ground: Ground) -> tuple[Consent, ...]:
    given = end_of(ground.on - dt.timedelta(days=1))
    return tuple(
        Consent(subject, purpose, target, given, None, "benchmark")
        for purpose in EVERYTHING
        for target in targets(ground.catalogue, default_policy(), ground.kind, purpose)
    )


def scored_pairs(world: CityWorld, kind: SubjectKind) -> pl.DataFrame:
    """subject, scope_item, item, omniscient, visible, used: the eligible pairs of those who used anything."""
    expected = world.truth("expected_use").filter(
        pl.col("eligible"), pl.col("subject").str.starts_with(PREFIX[kind])
    )
    active = expected.filter("used").select("subject").unique()
    return expected.join(active, on="subject", how="semi").drop("eligible")
