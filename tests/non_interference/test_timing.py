"""How long an answer takes is of the same class whatever is masked: with few secrets, and with many."""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from benchmarks.interference.answers import Counter
from benchmarks.interference.catalogues import random_catalogue
from benchmarks.interference.learned import random_champions
from benchmarks.interference.people import AT, Drawing, Person
from benchmarks.interference.secrets import with_other_secrets
from benchmarks.interference.town import found_town
from benchmarks.interference.trial import PURPOSES, Trial
from catalog.vocabulary import SubjectKind
from features.schema import Interaction
from models.eligibility.rule_book import RuleBook

OF_EACH_KIND, ROUNDS, SECRETS = 2, 20, 260
CLASS: Final = 2.0
"""Medians within this factor of one another are of one class."""


def bare(one: Person) -> Person:
    """Who consents to nothing, and never did, asked or rated anything."""
    now = replace(one.now, interactions=(), consultations=(), ratings=())
    return replace(one, now=now, consents=(), invited=(), enrolled=())


def busy(one: Person) -> Person:
    """Who looked at our pages day after day for most of a year."""
    seen = tuple(
        Interaction(f"{one.now.subject}-{n}", "view", AT - n * dt.timedelta(hours=30)) for n in range(SECRETS)
    )
    return replace(one, now=replace(one.now, interactions=seen))


@pytest.mark.slow
def test_what_is_masked_changes_no_class_of_time(trial: Trial, tmp_path: Path) -> None:
    rng = random.Random(5)  # noqa: S311 - a reproducible sample, no secret
    catalogue = random_catalogue(trial.real, rng)
    drawing = Drawing(catalogue, rng)
    ids = [(f"t-{kind}-{n}", kind) for kind in SubjectKind for n in range(OF_EACH_KIND)]
    few = [bare(drawing.person(id_, kind, "a")) for id_, kind in ids]
    many = [
        with_other_secrets(one, busy(drawing.person(id_, kind, "b")), PURPOSES["ranked"], catalogue)
        for one, (id_, kind) in zip(few, ids, strict=True)
    ]
    assert all(len(one.now.interactions) >= SECRETS for one in many), "there is something to hide"
    judge, champions = RuleBook(catalogue), random_champions(catalogue, 5)
    towns = [
        found_town(tmp_path / name, trial.empty, people, catalogue)
        for name, people in (("few", few), ("many", many))
    ]
    try:
        counters = [Counter(town, catalogue, champions, judge) for town in towns]
        took: tuple[list[float], list[float]] = ([], [])
        for number in range(ROUNDS):
            for id_, kind in ids:
                answers = []
                for counter, times in zip(counters, took, strict=True):
                    began = time.thread_time()
                    answers.append(counter.ranked(kind, id_, random.Random(number)))  # noqa: S311 - no secret
                    times.append(time.thread_time() - began)
                assert answers[0] == answers[1]
    finally:
        for town in towns:
            town.close()
    with_few, with_many = (median(times) for times in took)
    assert 1 / CLASS < with_many / with_few < CLASS
