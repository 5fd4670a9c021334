"""Whatever is masked may be anything: no page, reminder, explanation, log line or training set shows it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from benchmarks.interference.mutations import CallSite, call_sites, without_mask
from benchmarks.interference.trial import SUBJECTS, Interference, Trial

CASES = 10_000
FIRST = 1_000
"""The worlds of the quick trial are none of those of the long one."""


@pytest.mark.slow
def test_five_hundred_subjects_in_ten_catalogues(trial: Trial) -> None:
    found = [
        wrong for seed in range(FIRST, FIRST + 10) for wrong in trial.world(seed, population=seed == FIRST)
    ]
    assert found == []


@pytest.mark.slow
def test_things_that_only_secrets_tell_of_are_not_learned_from(trial: Trial) -> None:
    """In this world households and vehicles are known of by secret papers and cases alone."""
    assert trial.world(10, population=True) == []


@pytest.mark.slow
def test_thousands_of_subjects_in_many_catalogues(trial: Trial) -> None:
    worlds = range(CASES // SUBJECTS)
    # Spawned, so that no lock of a library's threads is inherited half-way.
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        found = [wrong for world in pool.map(trial.world, worlds) for wrong in world]
    assert found == []


def _interferes(trial: Trial, site: CallSite) -> Iterator[tuple[int, list[Interference]]]:
    with without_mask(site) as passed:
        # What is told of ten people and more alone needs more of them.
        subjects = 100 if "'aggregate'" in site.name else 28
        for seed in range(FIRST, FIRST + 6):
            try:
                found = trial.world(seed, subjects=subjects, population=True)
            except KeyError as strange:
                # What one mask lets through another has never heard of: nobody could overlook that.
                found = [Interference(seed, "", f"falls over: {strange}")]
            yield len(passed), found
            if found:
                return


@pytest.mark.slow
@pytest.mark.parametrize("site", call_sites(), ids=lambda site: site.name)
def test_without_the_mask_of_any_one_call_something_interferes(trial: Trial, site: CallSite) -> None:
    tried = list(_interferes(trial, site))
    assert tried[-1][0], f"no answer of the trial passes {site.module}:{site.first_line}; add one that does"
    assert tried[-1][1], f"the trial does not notice that {site.module}:{site.first_line} masks nothing"


def test_the_masks_of_serving_and_of_the_pipelines_are_found() -> None:
    found = {site.name for site in call_sites()}
    assert {"serving.desk: mask(profile, ASSESS, consents, self.catalogue, at)"} <= found
    assert {name.partition(":")[0] for name in found} >= {
        "serving.desk",
        "pipelines.features.named",
        "pipelines.train.ground",
        "pipelines.catalogue_change.sides",
    }
