"""What came concerns the items that read it; judging these alone comes to the same as judging all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.attribute import Attribute
from catalog.predicate import presence
from catalog.vocabulary import Scope, ValueType
from features.schema import ABSENT, Case, CaseStatus, Evidence, MaskedProfile, Relation, ScopeItem, Value
from models.eligibility.rule_book import RuleBook
from models.recommendation import Entry, Standing
from models.standing.standing import settled
from models.standing.working_days import published_calendar
from pipelines.difference.standings_kept import LONGEST, MOST, KeptStandings
from tests.personas_world import day_of, everybody, noon, real_catalogue

CALENDAR = published_calendar()
STATUSES: tuple[CaseStatus, ...] = ("open", "succeeded", "failed", "withdrawn", "self_declared")


@cache
def book() -> RuleBook:
    return RuleBook(real_catalogue())


def fresh() -> KeptStandings:
    return KeptStandings(real_catalogue(), book(), CALENDAR)


def judged_whole(known: MaskedProfile, on: dt.date) -> tuple[Entry, ...]:
    return settled(known, real_catalogue(), book().judge(known, on), CALENDAR)


def values(attribute: Attribute, on: dt.date) -> st.SearchStrategy[Value]:
    """Anything a register may say, in the ranges where it tells."""
    kinds: dict[ValueType, st.SearchStrategy[Value]] = {
        ValueType.BOOLEAN: st.booleans(),
        ValueType.ENUM: st.sampled_from(sorted(attribute.allowed) or ["anything"]),
        ValueType.NUMBER: st.sampled_from([0.0, 1.0, 6.0, 17.0, 18.0, 60.0, 300.0, 5e4, 3e6]),
        ValueType.DATE: st.integers(-24_000, 400).map(lambda days: on + dt.timedelta(days=days)),
    }
    return kinds[attribute.type] | st.just(ABSENT) if attribute.optional else kinds[attribute.type]


@st.composite
def told(draw: st.DrawFn, known: MaskedProfile, thing: ScopeItem, on: dt.date) -> ScopeItem:
    """A register says something else of a few attributes, or no longer anything."""
    held = dict(thing.attributes)
    stored = [
        one
        for one in real_catalogue().attributes.values()
        if (one.subject, one.scope) == (known.kind, thing.scope) and one.derived is None
    ]
    for one in draw(st.lists(st.sampled_from(stored), min_size=1, max_size=3)):
        held.pop(presence(one.name), None)
        held.pop(one.name, None)
        match draw(st.sampled_from(["told", "told", "told", "lost", "exists"])):
            case "told":
                held[one.name] = draw(values(one, on))
            case "exists" if one.optional:
                held[presence(one.name)] = True
    return replace(thing, attributes=held)


@st.composite
def handed(draw: st.DrawFn, known: MaskedProfile, thing: ScopeItem, on: dt.date) -> ScopeItem:
    """A paper comes, or one goes."""
    if draw(st.booleans()) and thing.evidence:
        return replace(thing, evidence=thing.evidence[1:])
    since, until = (on + dt.timedelta(days=draw(st.integers(-400, 400))) for _ in range(2))
    paper = Evidence(
        f"paper-{draw(st.integers(0, 9))}",
        thing.id,
        draw(st.sampled_from(sorted(real_catalogue().evidence_types))),
        draw(st.sampled_from([since, None])),
        draw(st.sampled_from([until, None])),
        draw(st.sampled_from(["authority", "upload"])),
    )
    return replace(thing, evidence=(*thing.evidence, paper))


@st.composite
def run(draw: st.DrawFn, known: MaskedProfile, thing: ScopeItem, on: dt.date) -> ScopeItem:
    """A case is opened or ends: of an item that stands somewhere in its cycle, or of any."""
    stands = [(e.item, e.cycle) for e in judged_whole(known, on) if e.scope_item == thing.id]
    every = [(item.id, "once") for item in real_catalogue().items_for(known.kind, thing.scope)]
    item, cycle = draw(st.sampled_from(stands if draw(st.booleans()) and stands else every))
    opened = noon(on - dt.timedelta(days=draw(st.integers(0, 40))))
    status = draw(st.sampled_from(STATUSES))
    case = Case(f"case-{draw(st.integers(0, 9))}", thing.id, item, cycle, status, None, opened, None)
    return replace(thing, cases=(*(one for one in thing.cases if one.id != case.id), case))


@st.composite
def arrivals(draw: st.DrawFn, known: MaskedProfile, on: dt.date) -> MaskedProfile:
    """Something comes: a word of a register, a paper, a case, a name, a relation, a thing more or less."""
    things = list(known.scope_items)
    place = draw(st.integers(0, len(things) - 1))
    thing = things[place]
    match draw(st.sampled_from(["told", "told", "paper", "case", "case", "label", "relation", "thing"])):
        case "told":
            things[place] = draw(told(known, thing, on))
        case "paper":
            things[place] = draw(handed(known, thing, on))
        case "case":
            things[place] = draw(run(known, thing, on))
        case "label":
            things[place] = replace(thing, label=draw(st.sampled_from(["小满", "京A12345"])))
        case "relation":
            more = Relation(known.subject, "somebody", "guardian", None, on, None)
            return replace(known, relations=(*known.relations, more))
        case _ if place:
            del things[place]
        case _:
            scopes = sorted(
                {one.scope for one in real_catalogue().items.values() if one.subject is known.kind}
            )
            scope = draw(st.sampled_from([each for each in scopes if each is not Scope.SELF]))
            if all(one.id != f"new-{scope}" for one in things):
                things.append(ScopeItem(f"new-{scope}", scope, known.subject))
    return replace(known, scope_items=tuple(things))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_judging_what_an_arrival_concerns_comes_to_the_same_as_judging_everything(
    data: st.DataObject,
) -> None:
    persona = data.draw(st.sampled_from(everybody()), label="persona")
    on, known, kept = persona.date, day_of(persona).profile, fresh()
    for _ in range(data.draw(st.integers(1, 5))):
        assert kept.standings(known, on, noon(on)) == judged_whole(known, on)
        known = data.draw(arrivals(known, on))
    assert kept.standings(known, on, noon(on)) == judged_whole(known, on)


def somebody() -> tuple[MaskedProfile, dt.date]:
    """Who has a case to open and several things to do."""
    for persona in everybody():
        known = day_of(persona).profile
        if len([e for e in judged_whole(known, persona.date) if e.standing is Standing.CAN_DO]) > 5:
            return known, persona.date
    raise AssertionError("no persona can do anything")


def test_nothing_is_judged_again_by_what_no_standing_reads() -> None:
    known, on = somebody()
    kept = fresh()
    kept.standings(known, on, noon(on))
    all_of_them = kept.judged
    related = replace(known, relations=(Relation(known.subject, "other", "staff", None, on, None),))
    assert kept.standings(related, on, noon(on)) == judged_whole(known, on)
    assert kept.judged == all_of_them > 50


def test_a_case_concerns_its_item_and_whoever_asks_for_what_it_yields() -> None:
    known, on = somebody()
    kept = fresh()
    first = next(e for e in kept.standings(known, on, noon(on)) if e.standing is Standing.CAN_DO)
    before = kept.judged
    begun = Case("new", first.scope_item, first.item, first.cycle, "open", None, noon(on), None)
    things = tuple(
        replace(one, cases=(*one.cases, begun)) if one.id == first.scope_item else one
        for one in known.scope_items
    )
    entries = kept.standings(replace(known, scope_items=things), on, noon(on))
    assert [e.standing for e in entries if (e.scope_item, e.item) == (first.scope_item, first.item)] == [
        Standing.IN_PROGRESS
    ]
    assert 0 < kept.judged - before < before / 4


def test_on_another_day_everything_is_judged_again() -> None:
    known, on = somebody()
    kept = fresh()
    kept.standings(known, on, noon(on))
    once = kept.judged
    next_year = on + dt.timedelta(days=300)
    assert kept.standings(known, next_year, noon(next_year)) == judged_whole(known, next_year)
    assert kept.judged == 2 * once


@pytest.mark.parametrize("others", [0, MOST])
def test_nobody_is_kept_in_mind_for_long(others: int) -> None:
    known, on = somebody()
    kept = fresh()
    at = noon(on)
    bare = replace(known, scope_items=(ScopeItem("other", Scope.SELF, "other"),))
    kept.standings(known, on, at)
    once = kept.judged
    for number in range(others):
        kept.standings(replace(bare, subject=f"o-{number}"), on, at)
    before = kept.judged
    kept.standings(known, on, at if others else at + LONGEST)
    assert kept.judged - before == once
