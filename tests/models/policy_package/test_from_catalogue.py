"""Candidates out of the catalogue: amounts as their texts state them, kinds, deadlines, papers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.support_policy import Amount
from catalog.vocabulary import Scope, SubjectKind
from features.schema import MaskedProfile, ScopeItem, Value
from models.policy_package.constraints import constraints_of
from models.policy_package.from_catalogue import Computed, candidates_of, money_of
from models.policy_package.optimise import optimise
from models.recommendation import Assessment, Standing, Verdict, Window

DATA = Path(__file__).parents[3] / "catalog" / "data"
ON = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DATA)


def profile(kind: SubjectKind = SubjectKind.ENTERPRISE, **attributes: Value) -> MaskedProfile:
    return MaskedProfile(
        subject="firm",
        kind=kind,
        purpose="assess",
        scope_items=(ScopeItem("firm", Scope.SELF, "firm", attributes=attributes),),
        interactions=(),
        relations=(),
        withheld=frozenset(),
    )


def judged(*items: str) -> dict[tuple[str, str], Assessment]:
    return {(i, "firm"): Assessment("firm", i, ON, Verdict.TRUE, ()) for i in items}


def test_an_amount_is_what_the_text_states_times_what_is_known(catalogue: Catalogue) -> None:
    policy = catalogue.support_policies["ep-hire-key-group"]
    stated = Amount(yuan=6000, per="hires", cap=20_000, every="year", source="公告12号")
    policy = msgspec.structs.replace(policy, amount=stated)
    money = money_of(policy, {"hires": 2})
    assert money is not None and money.yuan == 12_000
    assert "公告12号" in money.derivation.zh and "2" in money.derivation.zh
    assert "hires" in money.derivation.zh
    real = catalogue.support_policies["ep-hire-key-group"]
    assert real.amount is not None and real.amount.per is not None
    named = money_of(real, {real.amount.per: 3}, catalogue.attributes)
    assert named is not None and real.amount.per not in named.derivation.zh
    assert catalogue.attributes[real.amount.per].names.zh in named.derivation.zh
    capped = money_of(policy, {"hires": 9})
    assert capped is not None and capped.yuan == 20_000


@pytest.mark.parametrize("told", [{}, {"hires": True}, {"hires": -1}])
def test_an_unknown_or_impossible_count_leaves_the_sum_unknown(
    catalogue: Catalogue, told: dict[str, Value]
) -> None:
    stated = Amount(yuan=6000, per="hires", source="公告12号")
    policy = msgspec.structs.replace(catalogue.support_policies["ep-hire-key-group"], amount=stated)
    money = money_of(policy, told)
    assert money is not None and money.yuan is None
    assert money.unknown == ("hires",)


def test_a_monthly_sum_is_reckoned_over_a_year(catalogue: Catalogue) -> None:
    stated = Amount(yuan=100, every="month", source="x")
    policy = msgspec.structs.replace(catalogue.support_policies["ep-hire-key-group"], amount=stated)
    money = money_of(policy, {})
    assert money is not None and money.yuan == 1200


def test_no_stated_amount_is_unknown_and_a_right_is_no_money(catalogue: Catalogue) -> None:
    for policy in catalogue.support_policies.values():
        money = money_of(policy, {})
        if policy.benefit_type == "right":
            assert money is None
        elif policy.amount is None:
            assert money is not None and money.yuan is None


def test_policies_licences_and_approvals_stand_side_by_side(catalogue: Catalogue) -> None:
    licence = next(
        s
        for s in catalogue.public_services.values()
        if s.procedure == "licence" and s.subject == "enterprise"
    )
    computed = Computed(judged("ep-hire-key-group", licence.id))
    made = {c.item: c for c in candidates_of(catalogue, profile(), computed)}
    assert made["ep-hire-key-group"].kind == "support_policy"
    assert made[licence.id].kind in ("licence", "project_approval")
    assert made[licence.id].money is None
    assert made[licence.id].category == licence.theme
    only = candidates_of(catalogue, profile(), computed, include_services=False)
    assert [c.item for c in only] == ["ep-hire-key-group"]


def test_what_is_done_or_under_way_needs_no_advice(catalogue: Catalogue) -> None:
    key = ("ep-hire-key-group", "firm")
    for standing in (Standing.DONE, Standing.IN_PROGRESS):
        computed = Computed(judged("ep-hire-key-group"), standings={key: standing})
        assert candidates_of(catalogue, profile(), computed) == ()


def test_the_deadline_is_the_earlier_of_window_and_validity(catalogue: Catalogue) -> None:
    policy = next(p for p in catalogue.support_policies.values() if p.valid_to is not None)
    assert policy.valid_to is not None
    ends = dt.date.fromisoformat(policy.valid_to)
    key = (policy.id, "firm")
    late = Computed(judged(policy.id), windows={key: Window("x", ON, ends + dt.timedelta(days=9))})
    soon = Computed(judged(policy.id), windows={key: Window("x", ON, ON + dt.timedelta(days=9))})
    assert candidates_of(catalogue, profile(), late)[0].due_on == ends
    assert candidates_of(catalogue, profile(), soon)[0].due_on == ON + dt.timedelta(days=9)


def test_what_comes_by_itself_asks_for_no_papers(catalogue: Catalogue) -> None:
    for policy in catalogue.support_policies.values():
        computed = Computed(judged(policy.id), missing={(policy.id, "firm"): 3})
        (made,) = candidates_of(catalogue, profile(), computed)
        assert made.effort == (0 if policy.apply_mode in ("no_application", "self_declare") else 3)


def test_a_citizen_has_no_policy_package(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="enterprise's"):
        candidates_of(catalogue, profile(SubjectKind.CITIZEN), Computed(judged()))


@pytest.mark.parametrize("better", [1.0, 0.2])
def test_of_two_that_exclude_each_other_the_one_a_text_calls_better_is_chosen(
    catalogue: Catalogue, better: float
) -> None:
    uptake = {"ep-rd-120-ic": better, "ep-rd-100": 0.9}
    computed = Computed(judged("ep-rd-100", "ep-rd-120-ic"), uptake=uptake)
    candidates = candidates_of(catalogue, profile(), computed)
    chosen = optimise(candidates, constraints_of(catalogue.support_policies.values()), ON).chosen
    assert [candidate.item for candidate in chosen] == ["ep-rd-120-ic"]
