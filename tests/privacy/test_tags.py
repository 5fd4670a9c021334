"""Tags: a closed dictionary in plain words, and deletion that leaves no trace in what ranks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from features.indicators import Indicators
from features.named import all_traits, traits_of
from features.schema import Case, Evidence, Interaction, MaskedProfile, Profile, ScopeItem, Value
from features.transforms import traits_of_profile
from models.affinity.profile_batch import batch_of
from privacy.consent import Consent
from privacy.gate import targets
from privacy.mask import mask
from privacy.policy_file import default_policy
from privacy.tags import (
    PAPERS,
    SEARCHED,
    UnknownTag,
    closed_attributes,
    dictionary,
    tag_names,
    without_tags,
)
from tests.privacy.real_catalogue import CATALOGUE

AT = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 21)
CITIZEN = SubjectKind.CITIZEN
ITEMS = ("cs-family-doctor", "cs-hf-rent", "cs-primary-enrolment")


def ranked(attributes: dict[str, Value], done: list[str], cases: list[str]) -> MaskedProfile:
    """A citizen who let everything be used to rank."""
    run = tuple(Case(f"k{n}", "c", item, "once", "open", None, AT, None) for n, item in enumerate(cases))
    held = (Evidence("e", "c", "m-id-card", None, None, "authority"),)
    acts = [Interaction(f"i{n}", "click", AT, item=item) for n, item in enumerate(done)]
    acts.append(Interaction("s", "search", AT, query="公积金"))
    profile = Profile(
        "c",
        CITIZEN,
        (ScopeItem("c", Scope.SELF, "c", None, attributes, {"public-security": AT}, held, run),),
        tuple(acts),
    )
    asked = targets(CATALOGUE, default_policy(), CITIZEN, "rank")
    consents = [Consent("c", "rank", target, AT - dt.timedelta(days=1), None, "1") for target in asked]
    return mask(profile, "rank", consents, CATALOGUE, AT)


def test_the_dictionary_names_every_trait_and_no_other() -> None:
    for kind, traits in all_traits().items():
        assert dictionary().traits[kind].keys() == traits.keys()


def test_no_name_judges_anybody() -> None:
    words = dictionary()
    names = [*(n for of in words.traits.values() for n in of.values()), words.searched, words.papers]
    for names_ in names:
        assert not [word for word in words.banned.zh if word in names_.zh], names_.zh
        assert not [word for word in words.banned.en if word in names_.en.lower()], names_.en


@pytest.mark.parametrize(
    "tag",
    ["trait:star_sign", "trait:revenue_band", "did:no-theme", "did:tax-relief", "event:nothing", "x", ""],
)
def test_there_are_no_other_tags(tag: str) -> None:
    with pytest.raises(UnknownTag):
        tag_names(tag, CATALOGUE, CITIZEN)


def test_nothing_deleted_is_nothing_changed() -> None:
    profile = ranked({"sex": "female"}, list(ITEMS), [])
    assert without_tags(profile, (), CATALOGUE) is profile


TOLD: dict[str, st.SearchStrategy[Value]] = {
    "birth_date": st.dates(dt.date(1940, 1, 1), dt.date(2020, 1, 1)),
    "sex": st.sampled_from(["female", "male"]),
    "residence_district": st.sampled_from(["xicheng", "dongcheng"]),
    "education_level": st.sampled_from(["bachelor", "junior"]),
    "child_count": st.integers(0, 4).map(float),
    "marital_status": st.sampled_from(["married", "unmarried"]),
}
PEOPLE = st.fixed_dictionaries({}, optional=TOLD)
DEALT = st.lists(st.sampled_from(ITEMS), max_size=4)
TAGS = st.sets(
    st.sampled_from(
        ["trait:age_band", "trait:sex", "trait:district", "trait:children_band", "trait:retirement_band"]
    ),
    min_size=1,
)


@settings(max_examples=200, deadline=None)
@given(person=PEOPLE, other=PEOPLE, done=DEALT, deleted=TAGS)
def test_what_a_deleted_tag_is_read_from_changes_nothing_that_ranks(
    person: dict[str, Value], other: dict[str, Value], done: list[str], deleted: set[str]
) -> None:
    """Two people alike but for what the deleted tags tell are ranked by the very same inputs."""
    closed = closed_attributes(frozenset(deleted), CATALOGUE, CITIZEN)
    twin = {n: v for n, v in person.items() if n not in closed}
    twin |= {n: v for n, v in other.items() if n in closed}
    one = without_tags(ranked(person, done, []), deleted, CATALOGUE)
    two = without_tags(ranked(twin, done, []), deleted, CATALOGUE)
    assert traits_of_profile(one, CATALOGUE, ON) == traits_of_profile(two, CATALOGUE, ON)
    assert one == two
    for tag in deleted:
        assert traits_of_profile(one, CATALOGUE, ON)[tag.partition(":")[2]] is None


@settings(max_examples=100, deadline=None)
@given(done=DEALT, cases=DEALT)
def test_deleted_dealings_leave_no_history(done: list[str], cases: list[str]) -> None:
    whole = ranked({}, done, cases)
    deleted = {
        f"{sort}:{CATALOGUE.public_services[item].theme}" for sort in ("did", "past") for item in ITEMS
    }
    left = without_tags(whole, deleted | {SEARCHED, PAPERS}, CATALOGUE)
    assert left.interactions == ()
    assert left.itself.cases == ()
    assert left.itself.evidence == ()
    batch = batch_of(left, {}, Indicators(()), ITEMS, ON)
    assert batch.history_matrix(ITEMS).nnz == 0


def test_one_theme_s_dealings_go_and_the_others_stay() -> None:
    whole = ranked({}, list(ITEMS), list(ITEMS))
    theme = CATALOGUE.public_services[ITEMS[0]].theme
    left = without_tags(whole, {f"did:{theme}"}, CATALOGUE)
    gone = {item for item in ITEMS if CATALOGUE.public_services[item].theme == theme}
    assert {one.item for one in left.interactions} == {*ITEMS, None} - gone
    assert {case.item for case in left.itself.cases} == set(ITEMS)


def test_an_unwanted_guess_is_named_to_the_models() -> None:
    event = next(id_ for id_, one in CATALOGUE.events.items() if one.subject is CITIZEN)
    assert without_tags(ranked({}, [], []), {f"event:{event}"}, CATALOGUE).unwanted_events == {event}


def test_a_deleted_trait_silences_what_is_read_from_the_same_source() -> None:
    traits = traits_of(CATALOGUE, CITIZEN)
    assert "birth_date" in closed_attributes(frozenset({"trait:age_band"}), CATALOGUE, CITIZEN)
    assert traits["age_band"].attribute == "age"
