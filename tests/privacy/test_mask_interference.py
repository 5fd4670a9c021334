"""What is masked of one subject cannot be noticed, and masking again or later changes nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from features.schema import MaskedProfile, Profile, PurposeName
from privacy.consent import Consent
from privacy.mask import mask
from tests.privacy.drawn_profiles import AT, HOUR, PURPOSES, consented, profiles


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
