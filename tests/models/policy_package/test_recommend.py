"""The package as its enterprise reads it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Names, Scope
from models.policy_package.candidate import Candidate, Money
from models.policy_package.constraints import Combinability, Constraints, EffortBudget, Group, Pair
from models.policy_package.package import PolicyPackage
from models.policy_package.recommend import Request, recommend
from models.policy_package.total import confirmed_sum
from models.recommendation import Verdict

ON = dt.date(2026, 3, 2)
WORDS = Names(zh="试", en="test")
CATEGORIES: Mapping[str, Names] = {
    "tax": Names(zh="减税降费", en="Tax relief"),
    "finance": Names(zh="投资融资", en="Finance"),
    "licence": Names(zh="资质许可", en="Licences"),
}


def candidate(item: str, yuan: float | None = None, **changes: object) -> Candidate:
    fields: dict[str, object] = {
        "item": item,
        "scope_item": "firm",
        "scope": Scope.SELF,
        "kind": "support_policy",
        "category": "finance",
        "names": Names(zh=item, en=item),
        "verdict": Verdict.TRUE,
        "money": Money(yuan, WORDS),
        "apply_mode": "apply",
    }
    return Candidate(**{**fields, **changes})  # type: ignore[arg-type]


def package(candidates: list[Candidate], constraints: Constraints | None = None) -> PolicyPackage:
    return recommend(candidates, constraints or Constraints(), Request("firm", ON, "v1", CATEGORIES))


def combinable(*items: str) -> tuple[Pair, ...]:
    return tuple(Pair(a, b, Combinability.COMBINABLE, "cited") for a, b in itertools.combinations(items, 2))


def test_sums_are_added_only_where_a_text_confirms_that_they_combine() -> None:
    made = package(
        [candidate("a", 3000), candidate("b", 2000), candidate("c", 4000), candidate("d")],
        Constraints(combinable("a", "b")),
    )
    assert made.total.yuan == 5000
    assert made.total.counted == ("a", "b")
    assert made.total.not_summed == ("c",)
    assert made.total.unknown == 1
    assert made.total.text.zh == "首年至少5,000元;另有1项金额已知,能否叠加未经确认,未计入;另有1项金额未知"
    assert {e.item: e.in_total for e in made.entries} == {"a": True, "b": True, "c": False, "d": False}


def test_unknown_amounts_are_never_zero() -> None:
    made = package([candidate("a"), candidate("b")])
    assert made.total.yuan is None
    assert made.total.text.zh == "2项金额未知"
    assert "0" not in made.total.text.zh


def test_a_right_brings_no_sum_and_is_not_counted_as_unknown() -> None:
    assert package([candidate("right", money=None)]).total.unknown == 0


def test_combinability_that_no_text_confirms_is_shown_so() -> None:
    made = package([candidate("a"), candidate("b"), candidate("c")], Constraints(combinable("a", "b")))
    first = next(e for e in made.entries if e.item == "a")
    assert first.combinable_with == ("b",)
    assert first.not_confirmed_with == ("c",)


def test_caps_bound_the_total() -> None:
    group = Group("g", WORDS, frozenset({"a", "b"}), "cited", cap=2500)
    made = package([candidate("a", 2000), candidate("b", 2000)], Constraints(combinable("a", "b"), (group,)))
    assert made.total.yuan == 2500


def test_groups_follow_the_catalogue_and_none_is_empty() -> None:
    made = package(
        [
            candidate("a"),
            candidate("permit", kind="licence", category="licence", money=None),
            candidate("b", category="tax"),
        ]
    )
    assert [g.category for g in made.groups] == ["tax", "finance", "licence"]
    assert all(g.entries for g in made.groups)


def test_what_comes_by_itself_says_that_no_application_is_needed() -> None:
    made = package([candidate("n", apply_mode="no_application"), candidate("s", apply_mode="self_declare")])
    for entry in made.entries:
        assert not entry.action.needs_application
        assert "无需申请" in entry.action.text.zh
        assert entry.papers == 0
    assert package([candidate("x")]).entries[0].action.needs_application


def test_what_was_given_up_says_for_what_and_why() -> None:
    pair = Pair("a", "b", Combinability.EXCLUSIVE, "第9条")
    made = package([candidate("a", 9000), candidate("b", 100)], Constraints((pair,)))
    (lost,) = made.given_up
    assert (lost.item, lost.chosen_instead) == ("b", ("a",))
    assert lost.reasons[0].code == "exclusive" and "第9条" in lost.reasons[0].text.zh


def test_what_closed_yesterday_is_told_not_chosen() -> None:
    made = package([candidate("a", due_on=ON - dt.timedelta(days=1))])
    assert made.entries == ()
    assert made.given_up[0].reasons[0].code == "deadline_passed"


def test_near_misses_are_what_an_answer_or_time_opens_and_worth_their_place() -> None:
    pair = Pair("a", "worse", Combinability.EXCLUSIVE, "cited")
    asks = (frozenset({"employees_count"}),)
    made = package(
        [
            candidate("a", 9000),
            candidate("better", 20_000, verdict=Verdict.UNKNOWN, settles=asks),
            candidate("worse", 10, verdict=Verdict.UNKNOWN, settles=asks),
            candidate("soon", 500, verdict=Verdict.FALSE, eligible_from=ON + dt.timedelta(days=90)),
            candidate("far", 500, verdict=Verdict.FALSE, eligible_from=ON + dt.timedelta(days=400)),
            candidate("never", 500, verdict=Verdict.FALSE),
        ],
        Constraints((pair,)),
    )
    assert [(n.item, n.reason.code) for n in made.near_misses] == [
        ("better", "needs_information"),
        ("soon", "upcoming"),
    ]


cases = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 50_000)),
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(0, 40)),
        st.sampled_from([Verdict.TRUE, Verdict.TRUE, Verdict.TRUE, Verdict.UNKNOWN]),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(cases, st.data())
def test_every_eligible_item_is_in_the_package_or_given_up_for_a_reason(
    rows: list[tuple[int | None, int, int | None, Verdict]], data: st.DataObject
) -> None:
    candidates = [
        candidate(f"p{i}", yuan, effort=effort, verdict=verdict, due_on=_after(days))
        for i, (yuan, effort, days, verdict) in enumerate(rows)
    ]
    constraints = data.draw(_constraints([c.item for c in candidates]))
    made = package(candidates, constraints)
    shown = {e.item for e in made.entries}
    lost = {g.item for g in made.given_up}
    assert shown | lost == {c.item for c in candidates if c.verdict is Verdict.TRUE}
    assert not shown & lost
    assert all(g.reasons for g in made.given_up)


@settings(max_examples=150, deadline=None)
@given(cases, st.data())
def test_the_total_is_the_heaviest_confirmed_set(
    rows: list[tuple[int | None, int, int | None, Verdict]], data: st.DataObject
) -> None:
    chosen = [candidate(f"p{i}", yuan) for i, (yuan, *_) in enumerate(rows)]
    constraints = data.draw(_constraints([c.item for c in chosen]))
    found = confirmed_sum(chosen, constraints)
    known = [c for c in chosen if c.money and c.money.yuan is not None]
    sums = [0.0]
    for size in range(1, len(known) + 1):
        for subset in itertools.combinations(known, size):
            pairs = itertools.combinations(subset, 2)
            if all(constraints.combinability(a.item, b.item) is Combinability.COMBINABLE for a, b in pairs):
                sums.append(_capped(subset, constraints))
    assert found.greatest and found.yuan == max(sums)


def _after(days: int | None) -> dt.date | None:
    return None if days is None else ON + dt.timedelta(days=days)


def _capped(subset: tuple[Candidate, ...], constraints: Constraints) -> float:
    yuan = {c.item: c.money.yuan or 0.0 for c in subset if c.money}
    total = sum(yuan.values())
    for group in constraints.groups:
        if group.cap is not None:
            total -= max(0.0, sum(v for k, v in yuan.items() if k in group.items) - group.cap)
    return total


@st.composite
def _constraints(draw: st.DrawFn, items: list[str]) -> Constraints:
    said = [Combinability.EXCLUSIVE, Combinability.COMBINABLE, None]
    pairs = []
    for a, b in itertools.combinations(items, 2):
        word = draw(st.sampled_from(said))
        if word is not None:
            pairs.append(Pair(a, b, word, "cited"))
    some = st.frozensets(st.sampled_from(items), max_size=4) if items else st.just(frozenset[str]())
    capped = draw(some)
    groups = (
        Group("cap", WORDS, capped, "cited", cap=draw(st.sampled_from([900.0, 20_000.0]))),
        Group("stack", WORDS, draw(some), "cited", at_most=draw(st.integers(1, 2))),
    )
    papers = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Constraints(tuple(pairs), groups, EffortBudget(papers, draw(st.sampled_from([None, 0.5, 3.0]))))
