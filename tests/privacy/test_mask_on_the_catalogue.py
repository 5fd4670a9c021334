"""The mask over the catalogue as it ships: everything in it can be opened, and nothing opens by itself."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Origin, Scope, Sensitivity, SubjectKind
from features.schema import ABSENT, MaskedProfile, Profile, PurposeName, ScopeItem
from privacy.consent import Consent
from privacy.gate import needs_for, targets
from privacy.mask import mask
from privacy.needs import CLOSED
from privacy.policy_file import default_policy
from privacy.purposes import PURPOSES

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def _everything_told(real: Catalogue, kind: SubjectKind) -> Profile:
    items = []
    for scope in SCOPES_OF[kind]:
        told = [a.name for a in real.attributes.values() if (a.subject, a.scope) == (kind, scope)]
        id_ = "s" if scope is Scope.SELF else f"s-{scope}"
        items.append(ScopeItem(id_, scope, "s", attributes=dict.fromkeys(told, ABSENT)))
    return Profile("s", kind, tuple(items))


def _told(profile: Profile | MaskedProfile) -> set[str]:
    return {name for item in profile.scope_items for name in item.attributes}


@pytest.mark.parametrize("kind", SubjectKind)
def test_without_consent_an_assessment_sees_the_ordinary_records_of_authorities(
    real: Catalogue, kind: SubjectKind
) -> None:
    seen = _told(mask(_everything_told(real, kind), "assess", [], real, AT))
    ours = {name: a for name, a in real.attributes.items() if a.subject == kind and a.derived is None}
    assert seen == {
        name
        for name, a in ours.items()
        if a.sensitivity is Sensitivity.ORDINARY
        and a.origin is not Origin.DECLARED
        and a.scope is not Scope.CHILD
        and not (name in default_policy().secrets["tax"].attributes and name not in seen)
    }
    if kind is SubjectKind.ENTERPRISE:
        assert {"vat_sales_month", "has_tax_loss"} <= seen, "read by the tax authority's own items alone"
        assert not {"annual_revenue", "rd_intensity", "taxable_income_annual"} & seen, "others read them too"
    assert seen


@pytest.mark.parametrize("kind", SubjectKind)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_whatever_is_closed_can_be_opened_by_a_consent_that_can_be_asked_for(
    real: Catalogue, kind: SubjectKind, purpose: PurposeName
) -> None:
    policy = default_policy()
    named = {*real.consent_groups, *policy.group_names}
    askable = targets(real, policy, kind, purpose)
    assert {target.split(":")[-1] for target in askable} - {
        "interactions",
        "consultations",
        "ratings",
    } <= named
    consents = [Consent("s", purpose, target, AT, None, "v1") for target in askable]
    profile = _everything_told(real, kind)
    seen = mask(profile, purpose, consents, real, AT)
    needs = needs_for(real, policy, kind, purpose).attributes
    never = {name for name, need in needs.items() if need >= CLOSED}
    held = {name for name in _told(profile) if real.attributes[name].derived is None}
    assert _told(seen) == held - never
    closed = {"owner_is_key_group"} if kind is SubjectKind.ENTERPRISE else set()
    if purpose not in ("train", "aggregate"):
        assert never == closed
    for name in never:
        group = real.attributes[name].consent_group
        assert any(name in m.attributes or group in m.groups for m in policy.secrets.values())
    assert not seen.withheld


def test_a_paper_or_case_asks_no_less_than_the_delicate_attributes_it_tells_of(real: Catalogue) -> None:
    needs = needs_for(real, default_policy(), SubjectKind.CITIZEN, "assess")
    for id_, service in real.public_services.items():
        for name in service.consent_attributes:
            if real.attributes[name].sensitivity is not Sensitivity.ORDINARY and id_ in needs.cases:
                known = {**needs.attributes, **needs.derived}[name]
                assert known <= needs.cases[id_], f"{id_} tells of {name}"
