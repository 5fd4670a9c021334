"""The mask of one subject: what stays, and that what is masked cannot be noticed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import (
    ABSENT,
    Case,
    Consultation,
    Evidence,
    Interaction,
    MaskedProfile,
    Profile,
    PurposeName,
    Rating,
    Relation,
    ScopeItem,
    Value,
)
from privacy.consent import Consent
from privacy.mask import mask

AT = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PURPOSES: tuple[PurposeName, ...] = ("assess", "rank", "train", "aggregate", "remind")
ITEMS = (
    "licence-renewal",
    "disability-allowance",
    "divorce",
    "first-licence",
    "birth-registration",
    "not-in-catalogue",
)
PAPERS = ("licence", "disability-card", "allowance-notice", "household-book", "not-in-catalogue")

numbers = st.floats(allow_nan=False, allow_infinity=False)
dates = st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1))
KINDS: dict[str, st.SearchStrategy[Value]] = {
    "birth_date": dates,
    "insured": st.booleans(),
    "licence_expiry": dates | st.just(ABSENT),
    "is_disabled": st.booleans(),
    "disability_grade": numbers | st.just(ABSENT),
    "disability_tier": st.sampled_from(["severe", "mild"]),
    "disability_grade_word": st.sampled_from(["1", "4"]),
    "disabled_since": dates,
    "income": numbers,
    "wants_licence": st.booleans(),
    "has_disability_grade": st.just(True),
    "age": numbers,
    "not_in_catalogue": st.booleans(),
}
CHILD_KINDS: dict[str, st.SearchStrategy[Value]] = {
    "child_birth_date": dates,
    "child_hukou": st.booleans() | st.just(ABSENT),
    "has_child_hukou": st.just(True),
}
VEHICLE_KINDS: dict[str, st.SearchStrategy[Value]] = {
    "plate": st.sampled_from(["BJ", "other"]),
    "vehicle_seized": st.booleans(),
}


def _some(kinds: dict[str, st.SearchStrategy[Value]]) -> st.SearchStrategy[Mapping[str, Value]]:
    return st.fixed_dictionaries({}, optional=kinds)


def _item(id_: str, scope: Scope, kinds: dict[str, st.SearchStrategy[Value]]) -> st.SearchStrategy[ScopeItem]:
    papers = st.sampled_from(PAPERS).map(
        lambda type_: Evidence(f"{id_}-{type_}", id_, type_, None, None, "upload")
    )
    cases = st.sampled_from(ITEMS).map(
        lambda item: Case(f"{id_}-{item}", id_, item, "2026", "open", None, AT - HOUR, None)
    )
    return st.builds(
        lambda attributes, evidence, done: ScopeItem(
            id=id_,
            scope=scope,
            owner="c1",
            attributes=attributes,
            evidence=tuple(evidence),
            cases=tuple(done),
        ),
        _some(kinds),
        st.lists(papers, max_size=3, unique=True),
        st.lists(cases, max_size=3, unique=True),
    )


interactions = st.builds(
    Interaction,
    client_id=st.just("client"),
    kind=st.sampled_from(["view", "search", "complete"]),
    at=st.just(AT - HOUR),
    item=st.none() | st.sampled_from(ITEMS),
    scope_item=st.sampled_from([None, "c1", "child1", "vehicle1", "stranger"]),
)
consultations = st.builds(
    Consultation,
    id=st.sampled_from("pq"),
    topic=st.sampled_from([*ITEMS, "health", "something-else"]),
    channel=st.just("hotline"),
    place=st.none(),
    outcome=st.none(),
    at=st.just(AT - HOUR),
)
ratings = st.builds(
    Rating,
    item=st.sampled_from(ITEMS),
    score=st.integers(1, 5),
    source=st.just("web"),
    at=st.just(AT - HOUR),
)
relations = st.sampled_from(
    [
        Relation("c1", "c9", "guardian", None, None, None),
        Relation("c1", "c8", "proxy", None, None, None),
    ]
)
profiles = st.builds(
    lambda itself, others, done, related, asked, rated: Profile(
        "c1",
        SubjectKind.CITIZEN,
        (itself, *others),
        tuple(done),
        tuple(related),
        tuple(asked),
        tuple(rated),
    ),
    _item("c1", Scope.SELF, KINDS),
    st.tuples(_item("child1", Scope.CHILD, CHILD_KINDS), _item("vehicle1", Scope.VEHICLE, VEHICLE_KINDS)),
    st.lists(interactions, max_size=4),
    st.lists(relations, max_size=2, unique=True),
    st.lists(consultations, max_size=3, unique=True),
    st.lists(ratings, max_size=3, unique=True),
)


def consented(targets: frozenset[str], purpose: PurposeName) -> list[Consent]:
    return [Consent("c1", purpose, target, AT - HOUR, None, "v1") for target in sorted(targets)]


@pytest.fixture(scope="module")
def grants(targets: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(targets))


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


def _only_open(profile: Profile, seen: MaskedProfile) -> Profile:
    """The profile as if nothing masked had ever been held."""
    return dataclasses.replace(
        profile,
        scope_items=seen.scope_items,
        interactions=seen.interactions,
        relations=seen.relations,
        consultations=seen.consultations,
        ratings=seen.ratings,
    )


def _with_anothers_secrets(
    profile: Profile, seen: MaskedProfile, other: Profile, other_seen: MaskedProfile
) -> Profile:
    """What is open of the one, with what is masked of the other in place of its own."""
    mine, theirs = ({item.id: item for item in masked.scope_items} for masked in (seen, other_seen))
    items = []
    for item in other.scope_items:
        if item.id not in mine:
            items.append(item)
            continue
        kept, shown = mine[item.id], theirs[item.id]
        secrets = {n: v for n, v in item.attributes.items() if n not in shown.attributes}
        items.append(
            dataclasses.replace(
                item,
                attributes={**secrets, **kept.attributes},
                evidence=(*(p for p in item.evidence if p not in shown.evidence), *kept.evidence),
                cases=(*(c for c in item.cases if c not in shown.cases), *kept.cases),
            )
        )
    return dataclasses.replace(
        profile,
        scope_items=tuple(items),
        interactions=(
            *(d for d in other.interactions if d not in other_seen.interactions),
            *seen.interactions,
        ),
        relations=(*(r for r in other.relations if r not in other_seen.relations), *seen.relations),
        consultations=(
            *(a for a in other.consultations if a not in other_seen.consultations),
            *seen.consultations,
        ),
        ratings=(*(r for r in other.ratings if r not in other_seen.ratings), *seen.ratings),
    )


@settings(max_examples=300)
@given(profile=profiles, other=profiles, purpose=st.sampled_from(PURPOSES), data=st.data())
def test_what_is_masked_interferes_with_nothing(
    catalogue: Catalogue,
    grants: st.SearchStrategy[frozenset[str]],
    profile: Profile,
    other: Profile,
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    consents = consented(data.draw(grants), purpose)
    seen = mask(profile, purpose, consents, catalogue, AT)
    assert mask(_only_open(profile, seen), purpose, consents, catalogue, AT) == seen
    other_seen = mask(other, purpose, consents, catalogue, AT)
    altered = _with_anothers_secrets(profile, seen, other, other_seen)
    assert mask(altered, purpose, consents, catalogue, AT) == seen


@given(profile=profiles, purpose=st.sampled_from(PURPOSES), data=st.data())
def test_masking_twice_is_masking_once(
    catalogue: Catalogue,
    grants: st.SearchStrategy[frozenset[str]],
    profile: Profile,
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    consents = consented(data.draw(grants), purpose)
    once = mask(profile, purpose, consents, catalogue, AT)
    again = _only_open(profile, once)
    assert mask(again, purpose, consents, catalogue, AT) == once


@given(profile=profiles, purpose=st.sampled_from(PURPOSES), data=st.data())
def test_a_withdrawal_takes_effect_at_its_instant(
    catalogue: Catalogue,
    grants: st.SearchStrategy[frozenset[str]],
    profile: Profile,
    purpose: PurposeName,
    data: st.DataObject,
) -> None:
    granted = data.draw(grants)
    withdrawn = [Consent("c1", purpose, t, AT - HOUR, AT, "v1") for t in sorted(granted)]
    before = mask(profile, purpose, withdrawn, catalogue, AT - dt.timedelta(microseconds=1))
    assert before == mask(profile, purpose, consented(granted, purpose), catalogue, AT)
    assert mask(profile, purpose, withdrawn, catalogue, AT) == mask(profile, purpose, [], catalogue, AT)


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
        itself = ScopeItem(id="c1", scope=Scope.SELF, owner="c1", **fields)  # type: ignore[arg-type]
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
        mask(profile, "assess", [], catalogue, dt.datetime(2026, 1, 1))  # noqa: DTZ001
