"""`privacy`: attacks on what was learned and shown, the trial of interference, what erasing leaves."""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

import catalog
from benchmarks.interference.trial import SUBJECTS, Trial
from benchmarks.privacy_attacks.attributes import attribute_inference
from benchmarks.privacy_attacks.leftovers import erasure_leftovers
from benchmarks.privacy_attacks.likelihoods import forecast_membership, ranking_membership
from benchmarks.privacy_attacks.membership import membership
from benchmarks.privacy_attacks.sample_city import SampleCity, sample_city
from benchmarks.result import Result
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from models.affinity.dataset import AffinityDataset
from models.affinity.export import compact
from models.affinity.linear import LinearAffinity
from pipelines.train.affinity_data import affinity_dataset
from pipelines.train.recipe import AFFINITY, recipe

SEED: Final = 1
CASES, QUICK_CASES = 10_000, 500
PAGES, QUICK_PAGES = 3_000, 300
ERASED, QUICK_ERASED = 20, 4
HALVES: Final = 2
"""So many times the sample city is attacked, and so many times a run's pages are drawn: a model under attack
is learned from one half, and is to have seen as much as a run's has."""
CITIZENS, QUICK_CITIZENS = 3_000, 700


def run(quick: bool) -> list[Result]:
    """Every figure on one sample city; the attacks see only what an outsider can."""
    with tempfile.TemporaryDirectory() as folder:
        city = sample_city(Path(folder) / "city", (QUICK_CITIZENS if quick else CITIZENS) * HALVES, SEED)
        found = [
            *_membership(city, shadows=1 if quick else 4),
            *_attributes(city, QUICK_PAGES if quick else PAGES),
            _interference(Path(folder), QUICK_CASES if quick else CASES),
            Result(
                "erasure_leftovers",
                erasure_leftovers(city, QUICK_ERASED if quick else ERASED, SEED),
                "ids still to be read",
            ),
        ]
    return found


def _membership(city: SampleCity, shadows: int) -> list[Result]:
    ground = city.grounds[SubjectKind.CITIZEN]
    holdout = recipe().holdout_days(AFFINITY)
    dataset, *_ = affinity_dataset(ground, ground.on - np.timedelta64(holdout, "D").astype(object))
    attacks = {
        "affinity": membership(dataset, _learn, SEED, shadows),
        "ranking": ranking_membership(ground, SEED, shadows, HALVES * recipe().ranking.pages[ground.kind]),
        "forecast": forecast_membership(ground, SEED, shadows),
    }
    worst = max(attacks.values(), key=lambda one: one.best)
    return [
        Result("membership_auc", worst.best, "area under the curve"),
        Result("membership_auc, standard error", worst.error, "area under the curve"),
        *(
            Result(f"membership_auc_{name}", one.best, "area under the curve")
            for name, one in attacks.items()
        ),
        *(Result(f"membership_members_{name}", one.members, "people") for name, one in attacks.items()),
    ]


def _learn(dataset: AffinityDataset, seed: int) -> LinearAffinity:
    """As a run learns and exports it."""
    fitted = recipe().stack().fit(dataset, seed=seed)
    return compact(fitted.linear, dataset.batch(), dimensions=recipe().export_dimensions)


def _attributes(city: SampleCity, pages: int) -> list[Result]:
    inferred = attribute_inference(city, pages, SEED)
    return [
        Result("attribute_inference_lift", inferred.lift, "times"),
        Result("attribute_inference_attributes", len(inferred.without), "attributes"),
        Result("attribute_inference_people", inferred.people, "people"),
    ]


def _interference(folder: Path, cases: int) -> Result:
    trial = Trial.within(load_catalogue(Path(catalog.__file__).parent / "data"), folder / "interference")
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        found = [wrong for world in pool.map(trial.world, range(cases // SUBJECTS)) for wrong in world]
    return Result("interference_cases", len(found), f"of {cases}")
