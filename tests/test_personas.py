"""Every persona, on its day: what the law says follows from it, through the whole of the engine.

A test is named by the persona's situation, so that a failure reads as a broken promise to somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Proactive, Status
from features.schema import MaskedProfile
from models.homepage import package_for
from models.policy_package.package import PolicyPackage
from models.ranking.signals import RankSignals
from models.recommendation import Entry, Homepage, Judgement, Standing, Urgency, Verdict
from tests.personas_reading import (
    EventExpected,
    LeftOut,
    Member,
    Near,
    NotShown,
    Persona,
    StandingExpected,
)
from tests.personas_world import Day, day_of, everybody, named, real_catalogue, shown

PERSONAS = everybody()
each_persona = pytest.mark.parametrize("persona", PERSONAS, ids=named)
FIRMS = [persona for persona in PERSONAS if persona.expect.package is not None]
each_firm = pytest.mark.parametrize("persona", FIRMS, ids=named)


def test_there_are_enough_personas_to_know_the_city_by() -> None:
    assert len(PERSONAS) >= 40
    for language in ("zh", "en"):
        sentences = [getattr(persona.situation, language) for persona in PERSONAS]
        assert len(set(sentences)) == len(sentences)
    expected = [one for persona in PERSONAS for one in persona.expect.standings]
    assert {one.standing for one in expected} == {*Standing} - {Standing.NOT_ELIGIBLE}
    assert {one.urgency for one in expected} - {None} == {*Urgency}


def test_every_event_of_the_catalogue_happens_to_somebody() -> None:
    happened = {one.event for persona in PERSONAS for one in persona.expect.events}
    hidden = {
        event.id for event in real_catalogue().events.values() if event.proactive is Proactive.SEARCH_ONLY
    }
    assert happened == real_catalogue().events.keys() - hidden


@each_persona
def test_standings_follow_from_the_law(persona: Persona) -> None:
    page = shown(day_of(persona).homepage)
    wrong = [
        fault for expected in persona.expect.standings for fault in _standing_faults(expected, persona, page)
    ]
    assert not wrong, "\n".join(wrong)


def _standing_faults(expected: StandingExpected, persona: Persona, page: Sequence[Entry]) -> Iterable[str]:
    said = f"{expected.item} ({expected.of or 'self'}): {expected.why.en} ({expected.law})"
    found = _entries(page, expected.item, persona.scope_item(expected.of))
    if expected.cycle is not None:
        found = [entry for entry in found if entry.cycle == expected.cycle]
    if len(found) != 1:
        yield f"{said}: {len(found)} entries on the page, {[entry.cycle for entry in found]}"
        return
    asked = expected.model_dump(
        include={"standing", "urgency", "ready", "opens_on", "due_on", "missing", "unknown"},
        exclude_none=True,
    )
    for name, value in {"provisional": expected.provisional, **asked}.items():
        actual = getattr(found[0], name)
        if not _same(actual, value):
            yield f"{said}: {name} is {actual}, not {value}"


def _same(actual: object, expected: object) -> bool:
    """Equal, lists of ids in whatever order."""
    if isinstance(actual, tuple) and isinstance(expected, tuple):
        return sorted(actual) == sorted(expected)
    return actual == expected


def _entries(page: Iterable[Entry], item: str, scope_item: str) -> list[Entry]:
    return [entry for entry in page if (entry.item, entry.scope_item) == (item, scope_item)]


@each_persona
def test_what_must_not_be_shown_is_not(persona: Persona) -> None:
    day = day_of(persona)
    wrong = [fault for one in persona.expect.not_shown for fault in _shown_all_the_same(one, day)]
    assert not wrong, "\n".join(wrong)


def _shown_all_the_same(expected: NotShown, day: Day) -> Iterable[str]:
    said = f"{expected.item} ({expected.of or 'self'}): {expected.why.en} ({expected.law})"
    scope_item = day.persona.scope_item(expected.of)
    if _entries(shown(day.homepage), expected.item, scope_item):
        yield f"{said}: shown"
    if day.catalogue.items[expected.item].status is Status.CONFIRMED:
        verdict = day.judgement.verdicts(scope_item)[expected.item]
        if verdict is not expected.judged:
            unknown = day.judgement.unknown(scope_item, expected.item) if verdict is Verdict.UNKNOWN else ()
            yield f"{said}: the rules say {verdict.name} {unknown}"


@each_persona
def test_what_is_not_known_is_never_called_not_eligible(persona: Persona) -> None:
    day = day_of(persona)
    for entry in day.entries:
        verdict = day.judgement.verdicts(entry.scope_item)[entry.item]
        if verdict is Verdict.UNKNOWN:
            over = {reason.code for reason in entry.reasons} & {"window_closed", "opens_later", "not_begun"}
            assert entry.standing is not Standing.NOT_ELIGIBLE or over, entry
            assert "not_eligible" not in {reason.code for reason in entry.reasons}
        if entry.standing is Standing.UPCOMING and verdict is Verdict.FALSE:
            assert entry.opens_on is not None
            then = day.judgement.verdict_on(entry.scope_item, entry.item, entry.opens_on)
            assert then is Verdict.TRUE, f"{entry.item} is promised for {entry.opens_on}, when it is {then}"


@each_persona
def test_events_stand_as_far_as_they_have_come(persona: Persona) -> None:
    day = day_of(persona)
    found = {(event.event, event.scope_item): event for event in day.homepage.events}
    wrong: list[str] = []
    for expected in persona.expect.events:
        said = f"{expected.event} ({expected.of or 'self'}): {expected.why.en} ({expected.law})"
        progress = found.get((expected.event, persona.scope_item(expected.of)))
        if progress is None:
            wrong.append(f"{said}: not shown")
            continue
        for name, value in _asked(expected):
            actual = getattr(progress, name)
            if not _same(actual, value):
                wrong.append(f"{said}: {name} is {actual}, not {value}")
    for absent in persona.expect.no_events:
        if (absent.event, persona.scope_item(absent.of)) in found:
            wrong.append(f"{absent.event} ({absent.of or 'self'}): {absent.why.en}: shown")
    assert not wrong, "\n".join(wrong)


def _asked(expected: EventExpected) -> Iterable[tuple[str, object]]:
    fields = {"done", "in_progress", "open", "waiting", "due_on"}
    return expected.model_dump(include=fields, exclude_none=True).items()


@each_firm
def test_a_policy_package_holds_what_the_firm_can_have(persona: Persona) -> None:
    expected = persona.expect.package
    assert expected is not None
    package = day_of(persona).package()
    wrong = [
        *(fault for one in expected.members for fault in _member_faults(one, persona, package)),
        *(fault for one in expected.left_out for fault in _left_out_faults(one, persona, package)),
        *(fault for one in expected.near for fault in _near_faults(one, persona, package)),
        *(
            f"{one.item}: {one.why.en}: in the package"
            for one in expected.absent
            if (one.item, persona.scope_item(one.of)) in {(e.item, e.scope_item) for e in package.entries}
        ),
    ]
    if expected.at_least_yuan is not None and package.total.yuan != expected.at_least_yuan:
        wrong.append(f"the total is {package.total.yuan}, not {expected.at_least_yuan}")
    assert not wrong, "\n".join(wrong)


def _member_faults(expected: Member, persona: Persona, package: PolicyPackage) -> Iterable[str]:
    said = f"{expected.item}: {expected.why.en} ({expected.law})"
    key = (expected.item, persona.scope_item(expected.of))
    entry = next((e for e in package.entries if (e.item, e.scope_item) == key), None)
    if entry is None:
        yield f"{said}: not in the package"
        return
    if entry.action.mode != expected.mode:
        yield f"{said}: taken up by {entry.action.mode}, not {expected.mode}"
    if entry.action.needs_application != (expected.mode in ("apply", "file")):
        yield f"{said}: the call to action says otherwise"
    if (entry.money.yuan if entry.money else None) != expected.yuan:
        yield f"{said}: brings {entry.money}, not {expected.yuan}"


def _left_out_faults(expected: LeftOut, persona: Persona, package: PolicyPackage) -> Iterable[str]:
    key = (expected.item, persona.scope_item(expected.of))
    given_up = next((g for g in package.given_up if (g.item, g.scope_item) == key), None)
    if given_up is None or sorted(given_up.chosen_instead) != sorted(expected.instead):
        yield f"{expected.item}: {expected.why.en} ({expected.law}): {given_up}"


def _near_faults(expected: Near, persona: Persona, package: PolicyPackage) -> Iterable[str]:
    said = f"{expected.item}: {expected.why.en} ({expected.law})"
    key = (expected.item, persona.scope_item(expected.of))
    near = next((n for n in package.near_misses if (n.item, n.scope_item) == key), None)
    if near is None:
        yield f"{said}: no near miss"
        return
    if near.eligible_from != expected.eligible_from:
        yield f"{said}: from {near.eligible_from}, not {expected.eligible_from}"
    if expected.settles is not None:
        settles = sorted(sorted(names) for names in near.settles)
        if settles != sorted(sorted(names) for names in expected.settles):
            yield f"{said}: settled by {settles}"


Scores = Callable[[str], float]


class AnyRecommender:
    """A recommender of whatever scores, as wrong as it likes."""

    def __init__(self, draw: Scores) -> None:
        self.draw = draw

    def signals(self, profile: MaskedProfile, judgement: Judgement) -> RankSignals:
        """Scores for every item of the catalogue, also for those nobody admitted."""
        items = sorted(real_catalogue().items)
        return RankSignals(
            model="any 1",
            affinity={item: self.draw(item) for item in items},
            event_probability={item: abs(self.draw(item)) % 1.0 for item in items},
            value={item: self.draw(item[::-1]) for item in items},
            fatigue={item: abs(self.draw(item + "f")) for item in items},
            themes={item: item[:5] for item in items},
        )


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([1e-3, 1.0, 1e6]))
@each_persona
def test_no_recommender_admits_anything_or_moves_a_duty(persona: Persona, seed: int, spread: float) -> None:
    day = day_of(persona)
    draws: dict[str, float] = {}

    def draw(item: str) -> float:
        if item not in draws:
            draws[item] = spread * (2 * _fraction(f"{seed}:{item}") - 1)
        return draws[item]

    by_rules, learned = day.homepage, day.homepage_by(AnyRecommender(draw))
    assert learned.ordered_by == "any 1"
    assert _without_scores(by_rules) == _without_scores(learned)
    for standing in ("should_do", "upcoming", "in_progress", "done"):
        before, after = getattr(by_rules, standing), getattr(learned, standing)
        assert [_key(entry) for entry in before] == [_key(entry) for entry in after], standing
    for entry in shown(learned):
        assert entry.standing is not Standing.NOT_ELIGIBLE
        if entry.standing in (Standing.SHOULD_DO, Standing.CAN_DO):
            assert day.judgement.verdicts(entry.scope_item)[entry.item] is Verdict.TRUE
    assert by_rules.events == learned.events


def _fraction(text: str) -> float:
    """A number of [0, 1) that a text and nothing else decides."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.item, entry.scope_item, entry.cycle


def _without_scores(page: Homepage) -> set[tuple[object, ...]]:
    return {
        (*_key(e), e.standing, e.urgency, e.opens_on, e.due_on, e.missing, e.ready, e.unknown)
        for e in shown(page)
    }


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
@each_firm
def test_no_uptake_admits_anything_to_a_package(persona: Persona, seed: int) -> None:
    day = day_of(persona)
    uptake = {item: _fraction(f"{seed}:{item}") for item in day.catalogue.items}
    for entry in day.package(uptake).entries:
        assert day.judgement.verdicts(entry.scope_item)[entry.item] is Verdict.TRUE, entry.item


def test_a_package_is_only_for_firms() -> None:
    citizen = next(persona for persona in PERSONAS if persona.expect.package is None)
    day = day_of(citizen)
    if not day.is_firm:
        from models.standing.working_days import published_calendar

        with pytest.raises(ValueError, match="enterprise"):
            package_for(day.profile, day.catalogue, day.judgement, published_calendar())
