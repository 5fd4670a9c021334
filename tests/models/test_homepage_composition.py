"""Two masks, one page: what decides may not rank, what ranks may not decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest

from catalog.vocabulary import Scope, SubjectKind
from features.schema import ABSENT, MaskedProfile, Profile, PurposeName, ScopeItem
from models.eligibility.rule_book import RuleBook
from models.homepage import compose, package_for
from models.ranking.signals import RankSignals
from models.recommendation import Homepage, Judgement, Verdict
from models.standing.working_days import published_calendar
from privacy.consent import Consent
from privacy.mask import mask
from tests.personas_world import real_catalogue

ON = dt.date(2026, 11, 21)
AT = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
CATALOGUE = real_catalogue()
RULES = RuleBook(CATALOGUE)
CALENDAR = published_calendar()

HELD = Profile(
    subject="c-1",
    kind=SubjectKind.CITIZEN,
    scope_items=(
        ScopeItem(
            id="c-1",
            scope=Scope.SELF,
            owner="c-1",
            attributes={
                "birth_date": dt.date(1990, 5, 6),
                "sex": "female",
                "hukou_province": "BJ",
                "nationality": "CN",
                "medical_insurance_type": "employee",
                "id_card_expiry_date": ABSENT,
                "has_id_card": True,
            },
        ),
    ),
)


def masked(purpose: PurposeName, *targets: str) -> MaskedProfile:
    granted = [Consent("c-1", purpose, target, AT - dt.timedelta(days=1), None, "1") for target in targets]
    return mask(HELD, purpose, granted, CATALOGUE, AT)


ASSESS = masked("assess")
RANK = masked("rank", "attributes:ordinary")
JUDGEMENT = RULES.judge(ASSESS, ON)


@dataclass
class Recorder:
    """A signaller that prefers items by name and notes whom it was shown."""

    seen: list[MaskedProfile] = field(default_factory=list)

    def signals(self, profile: MaskedProfile, judgement: Judgement) -> RankSignals:
        self.seen.append(profile)
        order = {item: float(place) for place, item in enumerate(sorted(CATALOGUE.items))}
        return RankSignals(model="by name 1", affinity=order)


def composed(rank: MaskedProfile | None, signaller: Recorder | None) -> Homepage:
    return compose(ASSESS, rank, CATALOGUE, JUDGEMENT, CALENDAR, signaller)


def test_without_a_model_the_page_is_in_rule_order_and_says_so() -> None:
    page = composed(RANK, None)
    assert (page.ordered_by, page.degraded) == ("rules", ("model_missing",))


def test_who_opened_nothing_to_ranking_is_not_shown_to_the_ranker() -> None:
    signaller = Recorder()
    page = composed(None, signaller)
    assert (page.ordered_by, page.degraded, signaller.seen) == ("rules", (), [])


def test_the_ranker_sees_the_profile_masked_to_rank_alone() -> None:
    signaller = Recorder()
    page = composed(RANK, signaller)
    assert signaller.seen == [RANK]
    assert page.ordered_by == "by name 1"
    assert all(entry.score is not None for entry in page.can_do)


def test_ranking_changes_the_order_and_nothing_else() -> None:
    def keys(page: Homepage) -> list[tuple[str, str, str]]:
        every = (*page.should_do, *page.can_do, *page.upcoming, *page.needs_information)
        return [(e.item, e.scope_item, e.cycle) for e in every]

    by_rules, ranked = composed(RANK, None), composed(RANK, Recorder())
    assert sorted(keys(by_rules)) == sorted(keys(ranked))
    assert keys(by_rules) != keys(ranked)
    assert by_rules.should_do == ranked.should_do
    assert by_rules.events == ranked.events


@pytest.mark.parametrize("wrong", [ASSESS, masked("train", "attributes:ordinary")])
def test_a_profile_masked_to_another_purpose_never_ranks(wrong: MaskedProfile) -> None:
    with pytest.raises(ValueError, match="masked to rank"):
        composed(wrong, Recorder())


def test_what_is_shown_rests_on_the_assess_mask_alone() -> None:
    blind = masked("rank")
    assert not blind.itself.attributes
    page = composed(blind, Recorder())
    assert page.can_do
    for entry in page.can_do:
        assert JUDGEMENT.verdicts(entry.scope_item)[entry.item] is Verdict.TRUE


def test_a_package_is_an_enterprise_s() -> None:
    with pytest.raises(ValueError, match="citizen"):
        package_for(ASSESS, CATALOGUE, JUDGEMENT, CALENDAR)


def test_uptake_weighs_a_package_and_admits_nothing() -> None:
    held = Profile(
        subject="e-1",
        kind=SubjectKind.ENTERPRISE,
        scope_items=(
            ScopeItem(
                id="e-1",
                scope=Scope.SELF,
                owner="e-1",
                attributes={
                    "entity_type": "company",
                    "size_class": "small",
                    "taxpayer_type": "small_scale",
                    "registered_in_beijing": True,
                },
            ),
        ),
    )
    profile = mask(held, "assess", (), CATALOGUE, AT)
    judgement = RULES.judge(profile, ON)
    eager = dict.fromkeys(CATALOGUE.support_policies, 1.0)
    shy = dict.fromkeys(CATALOGUE.support_policies, 0.01)
    for uptake in (None, eager, shy):
        package = package_for(profile, CATALOGUE, judgement, CALENDAR, uptake)
        assert package.entries
        for entry in package.entries:
            assert judgement.verdicts(entry.scope_item)[entry.item] is Verdict.TRUE
