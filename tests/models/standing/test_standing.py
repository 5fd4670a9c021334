"""Standings as people meet them, from rules to entries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import Nature, Procedure, Scope, Status, SubjectKind, ValueType
from features.schema import Evidence, ScopeItem, Value
from models.eligibility.rule_book import RuleBook
from models.recommendation import Entry, Standing, Urgency
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import (
    ON,
    attribute,
    case,
    catalogue,
    duty,
    held,
    paper,
    policy,
    profile,
    scope_item,
    service,
)

CALENDAR = published_calendar()
OBLIGATION, BENEFIT = Nature.OBLIGATION, Nature.BENEFIT
BIRTH = attribute("birth_date", ValueType.DATE)
AGE = attribute("age", ValueType.NUMBER, derived="years_between(birth_date, on)")
EXPIRY = attribute("expiry", ValueType.DATE, optional=True)
WORKS = attribute("works", ValueType.BOOLEAN)


def entries(
    known: Catalogue, subject: ScopeItem, *others: ScopeItem, on: dt.date = ON, **more: Any
) -> list[Entry]:
    kind = next(iter(known.items.values())).subject
    who = profile(subject, *others, kind=kind)
    return list(stand(who, known, RuleBook(known).judge(who, on), CALENDAR, **more))


def only(known: Catalogue, subject: ScopeItem, on: dt.date = ON, **more: Any) -> Entry:
    (entry,) = entries(known, subject, on=on, **more)
    return entry


def codes(entry: Entry) -> list[str]:
    return [each.code for each in entry.reasons]


class TestObligations:
    def test_within_its_window_it_is_due(self) -> None:
        known = catalogue(service("report", deadline="annual(01-01..06-30)", nature=OBLIGATION))
        subject = replace(scope_item(), cases=(case("report", "succeeded", "2025"),))
        entry = only(known, subject, on=dt.date(2026, 6, 30))
        assert (entry.standing, entry.urgency) == (Standing.SHOULD_DO, Urgency.OBLIGATION)
        assert (entry.cycle, entry.due_on) == ("2026", dt.date(2026, 6, 30))
        assert entry.reasons[0].text.zh == "按规定必须办理，最晚 2026年6月30日。"

    def test_after_it_the_cycle_stays_overdue_beside_the_next(self) -> None:
        known = catalogue(service("report", deadline="annual(01-01..06-30)", nature=OBLIGATION))
        overdue, upcoming = sorted(entries(known, scope_item()), key=lambda e: e.cycle)
        assert (overdue.cycle, overdue.urgency) == ("2026", Urgency.OVERDUE)
        assert (upcoming.cycle, upcoming.standing) == ("2027", Standing.UPCOMING)

    def test_a_cycle_that_is_done_is_not_overdue(self) -> None:
        known = catalogue(service("report", deadline="annual(01-01..06-30)", nature=OBLIGATION))
        subject = replace(scope_item(), cases=(case("report", "succeeded", "2026"),))
        assert [(e.cycle, e.standing) for e in entries(known, subject)] == [("2027", Standing.UPCOMING)]

    def test_what_did_not_bind_on_the_last_day_is_not_overdue(self) -> None:
        """Whoever turned 18 in autumn had nothing to report in June."""
        known = catalogue(
            BIRTH, AGE, service("report", "age >= 18", deadline="annual(01-01..06-30)", nature=OBLIGATION)
        )
        grown = entries(known, scope_item(birth_date=dt.date(2008, 10, 1)))
        assert [entry.cycle for entry in grown] == ["2027"]
        older = entries(known, scope_item(birth_date=dt.date(2008, 6, 30)))
        assert sorted(entry.cycle for entry in older) == ["2026", "2027"]

    @pytest.mark.parametrize(("established", "overdue"), [("2026-01-01", True), ("2026-01-02", False)])
    def test_a_cycle_that_opened_before_the_firm_was_there_is_not_overdue(
        self, established: str, overdue: bool
    ) -> None:
        firm = SubjectKind.ENTERPRISE
        since = attribute("established_date", ValueType.DATE, subject=firm)
        report = service("report", deadline="annual(01-01..06-30)", nature=OBLIGATION, subject=firm)
        found = entries(
            catalogue(since, report), scope_item(established_date=dt.date.fromisoformat(established))
        )
        assert ("2026" in {entry.cycle for entry in found}) is overdue

    def test_what_a_register_would_have_told_stays_overdue_for_ever(self) -> None:
        """Renewing moves the date of expiry, so an old one says that nobody renewed."""
        known = catalogue(EXPIRY, service("renew", deadline="window(expiry,-3M,+0D)", nature=OBLIGATION))
        entry = only(known, scope_item(expiry=dt.date(2019, 5, 1)))
        assert (entry.urgency, entry.cycle) == (Urgency.OVERDUE, "once:2019-05-01")

    def test_an_undone_state_in_a_register_stays_overdue_for_ever(self) -> None:
        report = service("report", "works = FALSE", deadline="within(expiry,+1M)", nature=OBLIGATION)
        entry = only(catalogue(EXPIRY, WORKS, report), scope_item(expiry=dt.date(2019, 5, 1), works=False))
        assert entry.urgency is Urgency.OVERDUE

    @pytest.mark.parametrize(
        ("anchor", "cases", "standing"),
        [
            (dt.date(2019, 5, 1), (), Standing.NEEDS_INFORMATION),
            (dt.date(2026, 3, 1), (), Standing.SHOULD_DO),
            (dt.date(2019, 5, 1), ("failed",), Standing.SHOULD_DO),
        ],
    )
    def test_silence_alone_accuses_nobody_of_an_old_omission(
        self, anchor: dt.date, cases: tuple[str, ...], standing: Standing
    ) -> None:
        """Nothing tells of books set up years ago; a recent day, or a case on record, does."""
        books = service("books", deadline="within(expiry,+15D)", nature=OBLIGATION)
        known = replace(
            scope_item(expiry=anchor),
            cases=tuple(case("books", status, f"once:{anchor}") for status in cases),
        )
        assert only(catalogue(EXPIRY, books), known).standing is standing

    def test_without_a_deadline_it_is_prompt_and_shows_no_countdown(self) -> None:
        entry = only(catalogue(service("tell", nature=OBLIGATION)), scope_item())
        assert (entry.urgency, entry.due_on, entry.opens_on) == (Urgency.PROMPTLY, None, None)

    def test_with_an_unknown_date_it_binds_all_the_same(self) -> None:
        known = catalogue(EXPIRY, service("tell", deadline="within(expiry,+30D)", nature=OBLIGATION))
        entry = only(known, scope_item())
        assert (entry.standing, entry.urgency, entry.unknown) == (
            Standing.SHOULD_DO,
            Urgency.PROMPTLY,
            ("expiry",),
        )

    def test_that_opens_before_an_unknown_date_may_not_bind_yet(self) -> None:
        known = catalogue(EXPIRY, service("renew", deadline="window(expiry,-3M,+0D)", nature=OBLIGATION))
        entry = only(known, scope_item())
        assert (entry.standing, entry.unknown) == (Standing.NEEDS_INFORMATION, ("expiry",))

    def test_the_business_day_is_that_of_beijing(self) -> None:
        """An opening at 17:30 UTC is the next day's in Beijing."""
        known = catalogue(service("tell", nature=OBLIGATION))
        late = dt.datetime(2026, 10, 31, 17, 30, tzinfo=dt.UTC)
        entry = only(known, replace(scope_item(), cases=(case("tell", "open", at=late),)))
        assert entry.standing is Standing.IN_PROGRESS
        assert "2026年11月1日" in entry.reasons[0].text.zh


class TestRights:
    @pytest.mark.parametrize(
        ("on", "standing", "urgency"),
        [
            ("2026-02-01", Standing.NOT_ELIGIBLE, None),
            ("2026-02-02", Standing.UPCOMING, None),
            ("2026-07-31", Standing.UPCOMING, None),
            ("2026-08-01", Standing.CAN_DO, None),
            ("2026-08-31", Standing.CAN_DO, None),
            ("2026-09-01", Standing.SHOULD_DO, Urgency.LAPSING),
            ("2026-10-01", Standing.SHOULD_DO, Urgency.LAPSING),
            ("2026-10-02", Standing.NOT_ELIGIBLE, None),
        ],
    )
    def test_through_the_year(self, on: str, standing: Standing, urgency: Urgency | None) -> None:
        known = catalogue(service("claim", deadline="annual(08-01..10-01)", nature=BENEFIT))
        entry = only(known, scope_item(), on=dt.date.fromisoformat(on), with_refused=True)
        assert (entry.standing, entry.urgency) == (standing, urgency)

    def test_the_item_says_how_early_it_warns(self) -> None:
        item = service("claim", nature=BENEFIT, duty=duty("annual(08-01..10-01)", lead_days=5))
        assert only(catalogue(item), scope_item(), on=dt.date(2026, 9, 25)).standing is Standing.CAN_DO
        assert only(catalogue(item), scope_item(), on=dt.date(2026, 9, 26)).standing is Standing.SHOULD_DO

    def test_a_window_that_closed_is_explained(self) -> None:
        known = catalogue(EXPIRY, service("claim", deadline="within(expiry,+1M)", nature=BENEFIT))
        entry = only(known, scope_item(expiry=dt.date(2026, 10, 20)), with_refused=True)
        assert (entry.standing, codes(entry)) == (Standing.NOT_ELIGIBLE, ["window_closed"])

    def test_one_with_but_a_last_day_is_open_from_the_start(self) -> None:
        known = catalogue(EXPIRY, service("claim", deadline="before(expiry)", nature=BENEFIT))
        entry = only(known, scope_item(expiry=dt.date(2029, 1, 1)))
        assert (entry.standing, entry.due_on) == (Standing.CAN_DO, dt.date(2029, 1, 1))


class TestPoliciesInForce:
    @pytest.mark.parametrize(
        ("on", "shown"),
        [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)],
    )
    def test_both_edges_count(self, on: str, shown: bool) -> None:
        known = catalogue(policy("grant", valid_from="2026-01-01", valid_to="2026-12-31"))
        found = entries(known, scope_item(), on=dt.date.fromisoformat(on), with_refused=True)
        assert bool(found) is shown

    def test_the_end_of_a_policy_is_its_last_day(self) -> None:
        known = catalogue(policy("grant", valid_to="2026-12-15"))
        entry = only(known, scope_item())
        assert (entry.urgency, entry.due_on) == (Urgency.LAPSING, dt.date(2026, 12, 15))

    @pytest.mark.parametrize("mode", ["no_application", "self_declare"])
    def test_nobody_is_hurried_to_what_needs_no_application(self, mode: str) -> None:
        known = catalogue(policy("relief", apply_mode=mode, deadline="annual(11-01..11-30)"))
        entry = only(known, scope_item())
        assert (entry.standing, entry.urgency) == (Standing.CAN_DO, None)

    def test_an_unverified_item_never_stands(self) -> None:
        assert entries(catalogue(service("rumour", status=Status.UNVERIFIED)), scope_item()) == []


class TestNearMisses:
    KNOWN = catalogue(BIRTH, AGE, WORKS, service("card", "age >= 65", "works = FALSE", nature=BENEFIT))

    def test_with_the_day_and_the_reason(self) -> None:
        entry = only(self.KNOWN, scope_item(birth_date=dt.date(1962, 3, 1), works=False))
        assert (entry.standing, entry.opens_on) == (Standing.UPCOMING, dt.date(2027, 3, 1))
        assert entry.reasons[0].text.en == "You will qualify from 1 March 2027."

    def test_none_where_something_else_is_wrong(self) -> None:
        assert entries(self.KNOWN, scope_item(birth_date=dt.date(1962, 3, 1), works=True)) == []

    def test_none_beyond_half_a_year(self) -> None:
        assert entries(self.KNOWN, scope_item(birth_date=dt.date(1962, 5, 21), works=False)) == []

    def test_none_after_the_window_or_the_policy_has_ended(self) -> None:
        window = catalogue(BIRTH, AGE, service("card", "age >= 65", deadline="annual(01-01..02-28)"))
        born_on_the_last_day, born_later = dt.date(1962, 2, 28), dt.date(1962, 3, 1)
        assert only(window, scope_item(birth_date=born_on_the_last_day)).opens_on == dt.date(2027, 2, 28)
        assert entries(window, scope_item(birth_date=born_later)) == []
        ended = catalogue(BIRTH, AGE, service("card", "age >= 65", valid_to="2027-02-28"))
        assert entries(ended, scope_item(birth_date=born_later)) == []


class TestWhatIsDone:
    LICENCE = service(
        "licence",
        outputs=("card",),
        deadline="window(expiry,-3M,+0D)",
        nature=OBLIGATION,
        evidence=("photo",),
    )
    PAPERS = (paper("card", issued_by=("licence",)), paper("photo"))

    def holding(self, *papers: Evidence) -> ScopeItem:
        return replace(scope_item(expiry=dt.date(2026, 12, 31)), evidence=papers)

    def test_a_result_held_from_before_is_what_is_to_be_renewed(self) -> None:
        known = catalogue(EXPIRY, self.LICENCE, *self.PAPERS)
        entry = only(known, self.holding(held("card", dt.date(2016, 12, 31), dt.date(2026, 12, 31))))
        assert entry.standing is Standing.SHOULD_DO

    def test_a_result_of_this_window_is_done(self) -> None:
        known = catalogue(EXPIRY, self.LICENCE, *self.PAPERS)
        entry = only(known, self.holding(held("card", dt.date(2026, 10, 5), dt.date(2036, 10, 5))))
        assert (entry.standing, codes(entry)) == (Standing.DONE, ["done_held"])

    def test_a_paper_that_others_yield_too_proves_nothing(self) -> None:
        shared = (paper("card", issued_by=("licence", "other")), paper("photo"))
        known = catalogue(EXPIRY, self.LICENCE, *shared)
        entry = only(known, self.holding(held("card", dt.date(2026, 10, 5))))
        assert entry.standing is Standing.SHOULD_DO

    def test_done_and_in_progress_stand_although_the_rules_now_refuse(self) -> None:
        known = catalogue(WORKS, service("claim", "works"))
        for status, standing in (("succeeded", Standing.DONE), ("open", Standing.IN_PROGRESS)):
            subject = replace(scope_item(works=False), cases=(case("claim", status),))  # type: ignore[arg-type]
            assert only(known, subject).standing is standing

    def test_a_failed_case_leaves_everything_open(self) -> None:
        subject = replace(scope_item(), cases=(case("claim", "failed"), case("claim", "withdrawn")))
        assert only(catalogue(service("claim")), subject).standing is Standing.CAN_DO

    def test_self_declared_says_so_and_holds_for_one_cycle(self) -> None:
        known = catalogue(service("file", deadline="monthly(1..25)", nature=OBLIGATION))
        subject = replace(scope_item(), cases=(case("file", "self_declared", "2026-11"),))
        entry = next(e for e in entries(known, subject) if e.cycle == "2026-11")
        assert (entry.standing, codes(entry)) == (Standing.DONE, ["done_self_declared"])
        december = entries(known, subject, on=dt.date(2026, 12, 3))
        assert [(e.cycle, e.urgency) for e in december] == [("2026-12", Urgency.OBLIGATION)]

    def test_an_enquiry_can_be_made_again_tomorrow(self) -> None:
        known = catalogue(service("ask", procedure=Procedure.ENQUIRY))
        subject = replace(scope_item(), cases=(case("ask", "succeeded", "2026-11-21"),))
        assert only(known, subject).standing is Standing.DONE
        assert only(known, subject, on=dt.date(2026, 11, 22)).standing is Standing.CAN_DO


class TestScopes:
    BABY = attribute("child_birth_date", ValueType.DATE, scope=Scope.CHILD)
    REGISTERED = attribute("registered", ValueType.BOOLEAN, scope=Scope.CHILD)
    KNOWN = catalogue(
        BABY,
        REGISTERED,
        service(
            "register-birth",
            "registered = FALSE",
            scope=Scope.CHILD,
            deadline="within(child_birth_date,+1M)",
            nature=OBLIGATION,
        ),
    )

    def child(self, id: str, **told: Value) -> ScopeItem:
        return scope_item(id, Scope.CHILD, "s", **told)

    def test_two_children_are_two_registrations(self) -> None:
        first = self.child("minor", child_birth_date=dt.date(2026, 11, 1), registered=False)
        second = self.child("baby", child_birth_date=dt.date(2026, 10, 1), registered=False)
        found = entries(self.KNOWN, scope_item(), first, second)
        assert [(e.scope_item, e.urgency) for e in found] == [
            ("minor", Urgency.OBLIGATION),
            ("baby", Urgency.OVERDUE),
        ]

    def test_rules_of_a_child_read_its_parent_too(self) -> None:
        known = catalogue(WORKS, self.BABY, service("care", "works", scope=Scope.CHILD))
        found = entries(known, scope_item(works=True), self.child("baby"))
        assert [(e.item, e.scope_item) for e in found] == [("care", "baby")]

    def test_an_enterprise_has_its_own(self) -> None:
        known = catalogue(policy("grant"), service("claim"))
        who = profile(scope_item(), kind=SubjectKind.ENTERPRISE)
        found = stand(who, known, RuleBook(known).judge(who, ON), CALENDAR)
        assert [entry.item for entry in found] == ["grant"]


def test_an_earlier_period_says_that_it_is_judged_by_what_is_known_today() -> None:
    report = service("report", "flag = TRUE", nature=Nature.OBLIGATION, deadline="annual(01-01..06-30)")
    who = profile(scope_item(flag=True))
    known = catalogue(attribute("flag", ValueType.BOOLEAN), report)
    (entry,) = [
        e
        for e in stand(who, known, RuleBook(known).judge(who, ON), published_calendar())
        if e.urgency is Urgency.OVERDUE
    ]
    assert (entry.cycle, entry.reasons[0].code) == ("2026", "overdue_by_today")
    assert "按目前的登记信息" in entry.reasons[0].text.zh
