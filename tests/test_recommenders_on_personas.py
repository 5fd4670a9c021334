"""Every recommender, as hostile as can be, on every persona: it reorders, and does nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from models.recommendation import Entry, Homepage
from tests.hostile_champions import hostile_recommenders
from tests.personas_reading import Persona
from tests.personas_world import day_of, everybody, named, real_catalogue, shown

RECOMMENDERS = ("affinity", "affinity and forecast", "uptake", "ranker", "all")
HOSTILE = {seed: hostile_recommenders(real_catalogue(), seed) for seed in (1, 2)}


def bare(entry: Entry) -> Entry:
    return replace(entry, score=None, reasons=())


def sections(page: Homepage) -> tuple[Counter[Entry], ...]:
    """What stands where, in whatever order."""
    found = (page.can_do, page.upcoming, page.needs_information, page.in_progress, page.done)
    return tuple(Counter(map(bare, section)) for section in found)


@pytest.mark.parametrize("name", RECOMMENDERS)
@pytest.mark.parametrize("persona", everybody(), ids=named)
def test_a_recommender_neither_admits_nor_hides_nor_moves_a_duty(persona: Persona, name: str) -> None:
    day = day_of(persona)
    for seed in HOSTILE:
        page = day.homepage_by(HOSTILE[seed][name])
        assert page.should_do == day.homepage.should_do
        assert page.upcoming == day.homepage.upcoming
        assert sections(page) == sections(day.homepage)
        assert page.events == day.homepage.events


def test_the_recommenders_do_reorder() -> None:
    """The law above must not hold only because nothing was ranked."""
    moved = Counter[str]()
    for persona in everybody():
        day = day_of(persona)
        for name in RECOMMENDERS:
            page = day.homepage_by(HOSTILE[1][name])
            order = [(e.item, e.scope_item, e.cycle) for e in shown(page)]
            moved[name] += order != [(e.item, e.scope_item, e.cycle) for e in shown(day.homepage)]
    assert min(moved[name] for name in RECOMMENDERS) > len(everybody()) / 10
