"""A rule book judges every scope item of a subject by its own rules, and explains what it decided."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.attribute import DatedValue, Parameter
from catalog.vocabulary import Scope, Status, SubjectKind, ValueType
from features.schema import ABSENT
from models.eligibility.assessment import assess
from models.eligibility.questions import next_questions, open_cases
from models.eligibility.rule_book import DAYS_KEPT, RuleBook
from models.recommendation import Verdict
from tests.models.small_catalogue import (
    NAMES,
    ON,
    attribute,
    catalogue,
    event,
    policy,
    profile,
    scope_item,
    service,
)

BIRTH = attribute("birth_date", ValueType.DATE)
AGE = attribute("age", ValueType.NUMBER, derived="years_between(birth_date, on)")
WORKS = attribute("works", ValueType.BOOLEAN)
INCOME = attribute("income", ValueType.NUMBER)
SCHOOL = attribute("school", ValueType.ENUM, scope=Scope.CHILD, allowed=("none", "primary"), optional=True)
KNOWN = catalogue(
    *(BIRTH, AGE, WORKS, INCOME, SCHOOL),
    service("card", "age >= 65", "works = FALSE"),
    service("aid", "income < 1000"),
    service("school-place", "school = 'none' AND works", scope=Scope.CHILD),
    service("rumour", "works", status=Status.UNVERIFIED),
    event("job-loss", "works = FALSE", stages=[["aid"]]),
    policy("grant"),
)


def test_each_scope_item_is_judged_by_the_rules_of_its_scope() -> None:
    child = scope_item("c", Scope.CHILD, "s", school="none")
    judgement = RuleBook(KNOWN).judge(profile(scope_item(works=True, income=500.0), child), ON)
    assert judgement.verdicts("s") == {"aid": 2, "card": 0, "job-loss": 0}
    assert judgement.verdicts("c") == {"school-place": 2}


def test_an_enterprise_is_judged_by_its_own_rules() -> None:
    judgement = RuleBook(KNOWN).judge(profile(scope_item(), kind=SubjectKind.ENTERPRISE), ON)
    assert judgement.verdicts("s") == {"grant": 2}


def test_values_are_told_or_follow_from_what_is_told() -> None:
    child = scope_item("c", Scope.CHILD, "s", school=ABSENT)
    judgement = RuleBook(KNOWN).judge(profile(scope_item(birth_date=dt.date(1962, 3, 1)), child), ON)
    assert judgement.value("s", "age") == 64.0
    assert judgement.value("c", "birth_date") == dt.date(1962, 3, 1)
    assert judgement.value("c", "age") == 64.0
    assert judgement.value("c", "school") is ABSENT
    assert judgement.value("s", "income") is None


def test_a_day_judged_long_ago_is_judged_alike_again() -> None:
    book = RuleBook(KNOWN)
    who = profile(scope_item(birth_date=dt.date(1962, 3, 1), works=False))
    first = book.judge(who, ON).verdicts("s")
    for days in range(1, 2 * DAYS_KEPT):
        book.judge(who, ON + dt.timedelta(days=days))
    assert book.judge(who, ON).verdicts("s") == first
    assert book.judge(who, dt.date(2027, 3, 1)).verdicts("s")["card"] is Verdict.TRUE


def test_a_figure_counts_from_its_day_on() -> None:
    line = Parameter(
        name="param_line",
        names=NAMES,
        values=(DatedValue("2026-01-01", 900.0, "京民发"), DatedValue("2026-12-01", 1100.0, "京民发")),
    )
    known = catalogue(INCOME, service("aid", "income < param_line"))
    known.parameters["param_line"] = line
    judgement = RuleBook(known).judge(profile(scope_item(income=1000.0)), ON)
    assert judgement.verdicts("s") == {"aid": 0}
    assert judgement.verdict_on("s", "aid", dt.date(2026, 12, 1)) is Verdict.TRUE
    assert judgement.verdict_on("s", "aid", dt.date(2025, 12, 31)) is Verdict.UNKNOWN


class TestAssessments:
    def test_every_criterion_has_its_verdict_and_its_law(self) -> None:
        judgement = RuleBook(KNOWN).judge(profile(scope_item(birth_date=dt.date(1950, 1, 1))), ON)
        card = assess(judgement, "s", "card")
        assert (card.verdict, card.settles, card.eligible_from) == (Verdict.UNKNOWN, ({"works"},), None)
        assert [(c.verdict, c.unknown, c.legal_source) for c in card.criteria] == [
            (Verdict.TRUE, (), "某法第一条"),
            (Verdict.UNKNOWN, ("works",), "某法第一条"),
        ]

    def test_a_near_miss_is_dated(self) -> None:
        judgement = RuleBook(KNOWN).judge(
            profile(scope_item(birth_date=dt.date(1962, 3, 1), works=False)), ON
        )
        card = assess(judgement, "s", "card")
        assert (card.verdict, card.settles, card.eligible_from) == (Verdict.FALSE, (), dt.date(2027, 3, 1))

    def test_what_holds_needs_nothing_more(self) -> None:
        judgement = RuleBook(KNOWN).judge(profile(scope_item(income=1.0)), ON)
        aid = assess(judgement, "s", "aid")
        assert (aid.verdict, aid.settles, aid.eligible_from) == (Verdict.TRUE, (), None)

    def test_an_item_of_another_scope_cannot_be_assessed(self) -> None:
        judgement = RuleBook(KNOWN).judge(profile(scope_item()), ON)
        with pytest.raises(KeyError):
            assess(judgement, "s", "school-place")

    def test_a_contradiction_is_reported_and_its_subject_unknown(self) -> None:
        judgement = RuleBook(KNOWN).judge(
            profile(scope_item(birth_date=ON + dt.timedelta(days=1), works=False)), ON
        )
        assert [each.id for each in judgement.contradictions("s")] == ["born-in-the-future"]
        assert assess(judgement, "s", "card").settles == ({"birth_date"},)


class TestQuestions:
    def test_the_best_question_decides_most(self) -> None:
        cases = open_cases(RuleBook(KNOWN).judge(profile(scope_item()), ON))
        assert set(cases) == {("s", "aid"), ("s", "card"), ("s", "job-loss")}
        ranked = next_questions(cases)
        assert [(q.name, q.worth) for q in ranked] == [("works", 1.0), ("income", 1.0), ("birth_date", 0.0)]
        assert ranked[0].decides == (("s", "job-loss"),)
        assert [q.helps for q in ranked] == [1.5, 1.0, 0.5]

    def test_what_matters_more_is_asked_first(self) -> None:
        weights = {("s", "aid"): 5.0, ("s", "card"): 1.0, ("s", "job-loss"): 0.0}
        judgement = RuleBook(KNOWN).judge(profile(scope_item()), ON)
        cases = open_cases(judgement, weights)
        assert set(cases) == {("s", "aid"), ("s", "card")}
        assert next_questions(cases, weights)[0].name == "income"

    def test_a_consent_answers_all_that_it_opens(self) -> None:
        cases = open_cases(RuleBook(KNOWN).judge(profile(scope_item()), ON))
        works, birth = ("s", "works"), ("s", "birth_date")
        groups = {"work": frozenset({works}), "person": frozenset({works, birth})}
        ranked = next_questions(cases, groups=groups)
        assert [(q.name, q.worth) for q in ranked] == [("person", 2.0), ("work", 1.0)]

    def test_nothing_open_needs_no_question(self) -> None:
        told = scope_item(income=1.0, works=True, birth_date=dt.date(1990, 1, 1))
        assert next_questions(open_cases(RuleBook(KNOWN).judge(profile(told), ON))) == ()
