"""Citizens drawn at random, with everything a mask covers, and consents given by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from features.schema import (
    ABSENT,
    Case,
    Consultation,
    Evidence,
    Interaction,
    Profile,
    PurposeName,
    Rating,
    Relation,
    ScopeItem,
    Value,
)
from privacy.consent import Consent

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


def _item(
    id_: str, owner: str, scope: Scope, kinds: dict[str, st.SearchStrategy[Value]]
) -> st.SearchStrategy[ScopeItem]:
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
            owner=owner,
            attributes=attributes,
            evidence=tuple(evidence),
            cases=tuple(done),
        ),
        _some(kinds),
        st.lists(papers, max_size=3, unique=True),
        st.lists(cases, max_size=3, unique=True),
    )


def profiles_of(owner: str, named: Collection[str] | None = None) -> st.SearchStrategy[Profile]:
    """One citizen with a child and a vehicle; of all attributes, or of those that are named."""

    def item(
        id_: str, scope: Scope, kinds: dict[str, st.SearchStrategy[Value]]
    ) -> st.SearchStrategy[ScopeItem]:
        stated = {name: kind for name, kind in kinds.items() if named is None or name in named}
        return _item(id_, owner, scope, stated)

    child, vehicle = f"{owner}-child", f"{owner}-vehicle"
    interactions = st.builds(
        Interaction,
        client_id=st.just("client"),
        kind=st.sampled_from(["view", "search", "complete"]),
        at=st.just(AT - HOUR),
        item=st.none() | st.sampled_from(ITEMS),
        scope_item=st.sampled_from([None, owner, child, vehicle, "stranger"]),
    )
    consultations = st.builds(
        Consultation,
        id=st.sampled_from([f"{owner}-p", f"{owner}-q"]),
        topic=st.sampled_from([*ITEMS, "health", "something-else"]),
        channel=st.just("hotline"),
        place=st.none(),
        outcome=st.none(),
        at=st.just(AT - HOUR),
    )
    relations = st.sampled_from(
        [
            Relation(owner, other, kind, None, None, None)
            for other, kind in (("c9", "guardian"), ("c8", "proxy"))
        ]
    )
    return st.builds(
        lambda itself, others, done, related, asked, rated: Profile(
            owner,
            SubjectKind.CITIZEN,
            (itself, *others),
            tuple(done),
            tuple(related),
            tuple(asked),
            tuple(rated),
        ),
        item(owner, Scope.SELF, KINDS),
        st.tuples(item(child, Scope.CHILD, CHILD_KINDS), item(vehicle, Scope.VEHICLE, VEHICLE_KINDS)),
        st.lists(interactions, max_size=4),
        st.lists(relations, max_size=2, unique=True),
        st.lists(consultations, max_size=3, unique=True),
        st.lists(ratings, max_size=3, unique=True),
    )


ratings = st.builds(
    Rating,
    item=st.sampled_from(ITEMS),
    score=st.integers(1, 5),
    source=st.just("web"),
    at=st.just(AT - HOUR),
)
profiles = profiles_of("c1")


def consented(targets: frozenset[str], purpose: PurposeName) -> list[Consent]:
    return [Consent("c1", purpose, target, AT - HOUR, None, "v1") for target in sorted(targets)]
