"""The mask of one subject: what stays, and what it says of what does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Consultation, MaskedProfile, Profile, PurposeName, ScopeItem
from privacy.consent import Consent
from privacy.mask import mask
from tests.privacy.drawn_profiles import AT, HOUR, PURPOSES, consented, profiles


@given(profile=profiles, data=st.data())
def test_an_assessment_sees_exactly_what_duty_and_consent_open(
    catalogue: Catalogue,
    attribute_needs: dict[str, tuple[str, set[str]]],
    item_needs: dict[str, set[str]],
    evidence_needs: dict[str, set[str]],
    grants: st.SearchStrategy[frozenset[str]],
    profile: Profile,
    data: st.DataObject,
) -> None:
    granted = data.draw(grants)
    seen = mask(profile, "assess", consented(granted, "assess"), catalogue, AT)
    expected = [i for i in profile.scope_items if i.scope != "child" or "attributes:children" in granted]
    assert [item.id for item in seen.scope_items] == [item.id for item in expected]
    for before, after in zip(expected, seen.scope_items, strict=True):
        open_names = {n for n, (_, needs) in attribute_needs.items() if needs <= granted}
        assert after.attributes == {n: v for n, v in before.attributes.items() if n in open_names}
        assert [p.type for p in after.evidence] == [
            p.type for p in before.evidence if evidence_needs.get(p.type, {"never"}) <= granted
        ]
        assert [c.item for c in after.cases] == [
            c.item for c in before.cases if item_needs.get(c.item, {"never"}) <= granted
        ]
    ids = {item.id for item in expected} | {None}
    assert list(seen.interactions) == [
        done
        for done in profile.interactions
        if "interactions" in granted
        and (done.item is None or item_needs.get(done.item, {"never"}) <= granted)
        and done.scope_item in ids
    ]
    assert [r.kind for r in seen.relations] == [
        r.kind for r in profile.relations if r.kind != "guardian" or "attributes:children" in granted
    ]


@given(profile=profiles)
def test_without_consent_only_the_assessment_sees_anything_but_the_subject(
    catalogue: Catalogue, profile: Profile
) -> None:
    for purpose in ("rank", "train", "aggregate", "remind"):
        seen = mask(profile, purpose, [], catalogue, AT)
        assert seen.scope_items == (ScopeItem("c1", Scope.SELF, "c1"),)
        assert not seen.interactions
        assert not seen.relations
        assert not seen.consultations
        assert not seen.ratings


@given(profile=profiles, purpose=st.sampled_from(PURPOSES), data=st.data())
def test_questions_and_ratings_are_known_as_far_as_they_and_what_they_tell_of_are_open(
    catalogue: Catalogue,
    item_needs: dict[str, set[str]],
    grants: st.SearchStrategy[frozenset[str]],
    profile: Profile,
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    granted = data.draw(grants)
    seen = mask(profile, purpose, consented(granted, purpose), catalogue, AT)
    alone = {item: needs - {"evidence:ordinary"} for item, needs in item_needs.items()}
    asked = "consultations" in granted and purpose != "assess"
    rated = "ratings" in granted and purpose not in ("assess", "remind")
    # Not every item of the theme `health` is delicate, and of any other word nothing is known.
    topics = {**alone, "health": set(), "something-else": set(), "not-in-catalogue": set()}
    assert list(seen.consultations) == [
        one for one in profile.consultations if asked and topics[one.topic] <= granted
    ]
    assert list(seen.ratings) == [
        one for one in profile.ratings if rated and alone.get(one.item, {"never"}) <= granted
    ]


def test_a_question_on_a_theme_that_is_delicate_throughout_is_delicate(catalogue: Catalogue) -> None:
    only = {id_: s for id_, s in catalogue.public_services.items() if id_ == "divorce"}
    delicate = msgspec.structs.replace(catalogue, public_services=only)
    asked = Consultation("q", "health", "hotline", None, None, AT - HOUR)
    profile = Profile("c1", SubjectKind.CITIZEN, (ScopeItem("c1", Scope.SELF, "c1"),), consultations=(asked,))
    told = frozenset({"consultations"})
    assert not mask(profile, "rank", consented(told, "rank"), delicate, AT).consultations
    both = told | {"evidence:delicate-matters"}
    assert mask(profile, "rank", consented(both, "rank"), delicate, AT).consultations == (asked,)


def _with(catalogue: Catalogue) -> Callable[..., MaskedProfile]:
    def masked(granted: frozenset[str], **fields: object) -> MaskedProfile:
        itself = ScopeItem(id="c1", scope=Scope.SELF, owner="c1", **fields)  # type: ignore[arg-type] # any field
        profile = Profile("c1", SubjectKind.CITIZEN, (itself,))
        return mask(profile, "assess", consented(granted, "assess"), catalogue, AT)

    return masked


def test_withheld_names_what_consent_would_open_whether_or_not_it_is_there(catalogue: Catalogue) -> None:
    masked = _with(catalogue)
    empty, full = masked(frozenset()), masked(frozenset(), attributes={"is_disabled": True, "income": 1.0})
    assert empty == full
    assert {"is_disabled", "years_disabled", "income", "child_hukou", "interactions"} <= empty.withheld
    assert {"case:disability-allowance", "evidence:disability-card", "scope:child"} <= empty.withheld
    assert not {"birth_date", "age", "insured", "case:licence-renewal"} & empty.withheld
    consenting = masked(frozenset({"attributes:disability"}))
    assert empty.withheld - consenting.withheld >= {"is_disabled", "years_disabled", "disability_tier"}


def test_a_register_that_told_nothing_open_is_not_known_to_have_spoken(catalogue: Catalogue) -> None:
    spoken = {"civil": AT, "health": AT}
    seen = _with(catalogue)(frozenset(), attributes={"is_disabled": True, "insured": True}, as_of=spoken)
    assert seen.itself.as_of == {"health": AT}


def test_another_subjects_consent_opens_nothing(catalogue: Catalogue) -> None:
    profile = Profile(
        "c1", SubjectKind.CITIZEN, (ScopeItem("c1", Scope.SELF, "c1", attributes={"income": 1.0}),)
    )
    theirs = [Consent("c2", "assess", "attributes:finances", AT - HOUR, None, "v1")]
    assert mask(profile, "assess", theirs, catalogue, AT) == mask(profile, "assess", [], catalogue, AT)


def test_a_naive_instant_is_refused(catalogue: Catalogue) -> None:
    profile = Profile("c1", SubjectKind.CITIZEN, (ScopeItem("c1", Scope.SELF, "c1"),))
    with pytest.raises(ValueError, match="time zone"):
        mask(profile, "assess", [], catalogue, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - naive is what is tried
