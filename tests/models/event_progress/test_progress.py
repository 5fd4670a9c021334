"""Events as graphs: what is done, what can be taken now, and what has to wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from catalog.catalogue import Catalogue
from catalog.vocabulary import Nature, Procedure, Scope, Status, SubjectKind, ValueType
from features.schema import Case, ScopeItem, Value
from models.eligibility.rule_book import RuleBook
from models.event_progress.progress import progress
from models.recommendation import EventProgress
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import (
    ON,
    attribute,
    case,
    catalogue,
    event,
    profile,
    scope_item,
    service,
)

FLAG = attribute("flag", ValueType.BOOLEAN)
CAN = tuple(attribute(f"can_{n}", ValueType.BOOLEAN) for n in ("a", "b", "c", "d"))
SERVICES = tuple(service(n, f"can_{n}") for n in ("a", "b", "c", "d"))


def events(known: Catalogue, *scope_items: ScopeItem, on: dt.date = ON) -> tuple[EventProgress, ...]:
    who = profile(*scope_items)
    judgement = RuleBook(known).judge(who, on)
    return progress(who, stand(who, known, judgement, published_calendar()), known, judgement)


def walk(*stages: tuple[str, ...], cases: tuple[Case, ...] = (), **told: Value) -> EventProgress:
    known = catalogue(FLAG, *CAN, *SERVICES, event("moving", "flag", stages=stages))
    (found,) = events(known, replace(scope_item(flag=True, **told), cases=cases))
    return found


def succeeded(*items: str) -> tuple[Case, ...]:
    return tuple(case(item, "succeeded") for item in items)


ALL = {f"can_{n}": True for n in "abcd"}


def test_stages_run_one_after_another_and_steps_of_a_stage_side_by_side() -> None:
    found = walk(("a",), ("b", "c"), ("d",), **ALL)
    assert (found.done, found.open, found.waiting) == ((), ("a",), ("b", "c", "d"))
    found = walk(("a",), ("b", "c"), ("d",), cases=succeeded("a", "b"), **ALL)
    assert (found.done, found.open, found.waiting) == (("a", "b"), ("c",), ("d",))


def test_enrolled_in_progress_and_done_are_told_apart() -> None:
    fresh = walk(("a",), ("b",), **ALL)
    assert (fresh.enrolled, fresh.in_progress) == (False, ())
    begun = walk(("a",), ("b",), cases=(case("a", "open"),), **ALL)
    assert (begun.enrolled, begun.in_progress, begun.open, begun.waiting) == (True, ("a",), (), ("b",))
    over = walk(("a",), ("b",), cases=succeeded("a", "b"), **ALL)
    assert (over.done, over.open, over.waiting, over.in_progress) == (("a", "b"), (), (), ())


def test_an_optional_step_counts_only_if_its_own_conditions_hold() -> None:
    assert walk(("a?",), ("b",), can_a=False, can_b=True).open == ("b",)
    unknown = walk(("a?",), ("b",), can_b=True)
    assert (unknown.open, unknown.waiting) == (("b",), ())
    assert walk(("a?",), ("b",), can_a=True, can_b=True).open == ("a", "b")


def test_a_required_step_that_does_not_apply_holds_nobody_up() -> None:
    found = walk(("a",), ("b",), can_a=False, can_b=True)
    assert (found.open, found.waiting) == (("b",), ())


def test_a_later_step_may_yet_come_to_apply() -> None:
    found = walk(("a",), ("b", "c?"), can_a=True, can_b=False, can_c=False)
    assert (found.open, found.waiting) == (("a",), ("b",))


def test_a_required_step_one_knows_too_little_of_holds_up_the_next() -> None:
    found = walk(("a",), ("b",), can_b=True)
    assert (found.open, found.waiting) == ((), ("a", "b"))


def test_only_events_whose_conditions_hold_are_told_of() -> None:
    known = catalogue(FLAG, *CAN, *SERVICES, event("moving", "flag", stages=[["a"]]))
    for told in ({"flag": False, "can_a": True}, {"can_a": True}, {"flag": True, "can_a": False}):
        assert events(known, scope_item(**told)) == ()  # type: ignore[arg-type]


def test_the_due_date_is_the_earliest_of_what_can_be_taken_now() -> None:
    dated = (
        service("early", deadline="annual(11-01..12-15)", nature=Nature.OBLIGATION),
        service("late", deadline="annual(11-01..12-31)", nature=Nature.OBLIGATION),
        service("next", deadline="annual(11-01..11-30)", nature=Nature.OBLIGATION),
    )
    last_year = tuple(case(item.id, "succeeded", "2025") for item in dated)
    known = catalogue(*dated, event("year-end", stages=[["late", "early"], ["next"]]))
    (found,) = events(known, replace(scope_item(), cases=last_year))
    assert found.due_on == dt.date(2026, 12, 15)
    (after,) = events(known, replace(scope_item(), cases=(*last_year, case("early", "succeeded", "2026"))))
    assert after.due_on == dt.date(2026, 12, 31)


class TestScopes:
    CHILD = attribute("registered", ValueType.BOOLEAN, scope=Scope.CHILD)
    NAME = service("name-child", "registered = FALSE", scope=Scope.CHILD)
    LEAVE = service("parental-leave")

    def test_an_event_of_a_child_takes_the_childs_steps_and_its_parents(self) -> None:
        birth = event(
            "birth", "registered = FALSE", stages=[["name-child", "parental-leave"]], scope=Scope.CHILD
        )
        known = catalogue(self.CHILD, self.NAME, self.LEAVE, birth)
        one = scope_item("one", Scope.CHILD, "s", registered=False)
        two = scope_item("two", Scope.CHILD, "s", registered=True)
        (found,) = events(known, scope_item(), one, two)
        assert (found.scope_item, found.open) == ("one", ("name-child", "parental-leave"))

    def test_an_event_of_the_subject_takes_the_steps_of_all_its_children(self) -> None:
        birth = event("birth", stages=[["name-child"], ["parental-leave"]])
        known = catalogue(self.CHILD, self.NAME, self.LEAVE, birth)
        done = replace(scope_item("one", Scope.CHILD, "s", registered=False), cases=succeeded("name-child"))
        still = scope_item("two", Scope.CHILD, "s", registered=False)
        (found,) = events(known, scope_item(), done, still)
        assert (found.done, found.open, found.waiting) == ((), ("name-child",), ("parental-leave",))
        (finished,) = events(known, scope_item(), done)
        assert (finished.done, finished.open) == (("name-child",), ("parental-leave",))


def test_steps_of_another_kind_of_subject_are_waited_for_by_nobody() -> None:
    firm = service("register-firm", subject=SubjectKind.ENTERPRISE)
    known = catalogue(firm, SERVICES[0], CAN[0], event("start-up", stages=[["register-firm"], ["a"]]))
    (found,) = events(known, scope_item(can_a=True))
    assert (found.open, found.waiting) == (("a",), ("register-firm",))


def test_an_unverified_step_is_none() -> None:
    rumour = service("rumour", status=Status.UNVERIFIED)
    known = catalogue(rumour, SERVICES[0], CAN[0], event("moving", stages=[["rumour"], ["a"]]))
    (found,) = events(known, scope_item(can_a=True))
    assert (found.open, found.waiting) == (("a",), ())


def test_an_unverified_event_is_not_told_of() -> None:
    rumour = event("moving", stages=[["a"]], status=Status.UNVERIFIED)
    assert events(catalogue(SERVICES[0], CAN[0], rumour), scope_item(can_a=True)) == ()


def test_an_enquiry_is_a_step_like_any_other() -> None:
    ask = service("ask", procedure=Procedure.ENQUIRY)
    known = catalogue(ask, SERVICES[0], CAN[0], event("moving", stages=[["ask"], ["a"]]))
    asked = replace(scope_item(can_a=True), cases=(case("ask", "succeeded", ON.isoformat()),))
    (found,) = events(known, asked)
    assert (found.done, found.open) == (("ask",), ("a",))


def test_a_step_for_another_thing_of_the_kind_is_read_from_that_thing() -> None:
    old, new = (
        attribute("old", ValueType.BOOLEAN, scope=Scope.VEHICLE),
        attribute("unregistered", ValueType.BOOLEAN, scope=Scope.VEHICLE),
    )
    known = catalogue(
        old,
        new,
        service("scrap", "old = TRUE", scope=Scope.VEHICLE),
        service("register", "unregistered = TRUE", scope=Scope.VEHICLE),
        event("trade-in", "old = TRUE", stages=[["scrap"], ["register?!"]], scope=Scope.VEHICLE),
    )
    given_up = scope_item("v1", Scope.VEHICLE, "s", old=True, unregistered=False)
    bought = scope_item("v2", Scope.VEHICLE, "s", old=False, unregistered=True)
    alone = events(known, scope_item(), given_up)
    assert [(found.open, found.waiting) for found in alone] == [(("scrap",), ())]
    both = events(known, scope_item(), given_up, bought)
    assert [(found.scope_item, found.open, found.waiting) for found in both] == [
        ("v1", ("scrap",), ("register",))
    ]
