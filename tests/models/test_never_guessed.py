"""Pregnancy, illness, divorce, bereavement, poverty and debt: acted on when told, and never guessed at."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import catalog
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Interaction, MaskedProfile, ScopeItem
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.homepage import Champions, LearnedSignals
from models.life_event_forecast.labels import closed_list
from models.ranking.use_model import UseModel
from models.recommendation import Entry, Standing

ON = dt.date(2026, 6, 10)
AT = dt.datetime(2026, 6, 9, 4, tzinfo=dt.UTC)
OTHERS = ("cs-vaccination-card", "cs-family-doctor", "cs-hotline-12345", "cs-social-card")


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


def profile(*acts: Interaction) -> MaskedProfile:
    itself = ScopeItem("c-1", Scope.SELF, "c-1", attributes={"sex": "female"})
    return MaskedProfile("c-1", SubjectKind.CITIZEN, "rank", (itself,), acts, (), frozenset())


def signals(real: Catalogue) -> LearnedSignals:
    """A champion that makes as much as it can of whatever was looked at, and a ranker that believes it."""
    items = tuple(sorted(real.public_services))
    encoder = InputEncoder(history=items)
    factors = frozen(np.random.default_rng(1).normal(size=(encoder.width, len(items))))
    affinity = LinearAffinity(items, (LinearBlock(encoder, factors),), frozen(np.zeros(len(items))))
    weights = {
        "what:always": -2.0,
        "like:affinity": 1.0,
        "event:looked_beside": 1.0,
        "interest:looked<=15": 1.0,
    }
    return LearnedSignals(
        Champions(
            affinity={SubjectKind.CITIZEN: affinity},
            use={SubjectKind.CITIZEN: UseModel({**weights, "event:looked_beside_before": 1.0})},
        ),
        real,
    )


def scores(learned: LearnedSignals, subject: MaskedProfile) -> list[float]:
    page = [Entry(item, "c-1", None, Standing.CAN_DO, True, "once") for item in OTHERS]
    terms = learned.terms(subject, ON).over(page)
    model = learned.champions.use[SubjectKind.CITIZEN]
    return [model.log_odds(terms.of(entry)) for entry in page]


def look(service: str, number: int) -> Interaction:
    return Interaction(f"i-{number}", "view", AT, item=service, scope_item="c-1")


def test_looking_at_such_a_service_moves_no_other(real: Catalogue) -> None:
    learned = signals(real)
    before = look("cs-hotline-12345", 0)
    plain = scores(learned, profile(before))
    for number, service in enumerate(sorted(closed_list().services - set(OTHERS)), 1):
        assert scores(learned, profile(before, look(service, number))) == plain, service


def test_looking_at_another_service_does_move_others(real: Catalogue) -> None:
    """The law above must not hold only because nothing is made of looks."""
    learned = signals(real)
    assert scores(learned, profile(look("cs-id-renewal", 1))) != scores(learned, profile())


def test_one_step_of_such_an_event_tells_nothing_of_another(real: Catalogue) -> None:
    facts = signals(real)._facts
    guessed = {event for known in facts.values() for event, _ in known.events}
    assert guessed.isdisjoint(closed_list().events)
    assert guessed, "some events may be guessed at"


def test_an_event_the_subject_wants_no_guess_at_is_left_alone(real: Catalogue) -> None:
    learned = signals(real)
    item = next(i for i in OTHERS if learned._facts[i].events)
    event, steps = learned._facts[item].events[0]
    acts = tuple(look(step, number) for number, step in enumerate(sorted(steps)))
    unwanted = frozenset(event for event, _ in learned._facts[item].events)
    page = Entry(item, "c-1", None, Standing.CAN_DO, True, "once")
    told = learned.terms(profile(*acts), ON).of(page)
    spared = learned.terms(replace(profile(*acts), unwanted_events=unwanted), ON).of(page)
    assert any(name.startswith("event:looked_beside") for name in told), event
    assert not any(name.startswith("event:looked_beside") for name in spared)
