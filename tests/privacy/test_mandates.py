"""Secrets of enterprises: who may compute with one without a grant, and what they never serve."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Profile, ScopeItem, UseName
from privacy.consent import Consent
from privacy.mask import mask
from privacy.purposes import CHANNEL_OF, purpose_of

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
GRANTED = AT - dt.timedelta(days=1)
OWN, SHARED, PLAN, PERSON = "vat_sales_month", "annual_revenue", "plans_listing", "owner_is_key_group"
USES: tuple[UseName, ...] = ("assess", "rank", "train", "aggregate", "remind")


def _seen(real: Catalogue, use: UseName, *targets: str) -> set[str]:
    told = {OWN: 1.0, SHARED: 1.0, PLAN: True, PERSON: True}
    firm = Profile("e", SubjectKind.ENTERPRISE, (ScopeItem("e", Scope.SELF, "e", attributes=told),))
    consents = [Consent("e", purpose_of(use), target, GRANTED, None, "1") for target in targets]
    return set(mask(firm, use, consents, real, AT).itself.attributes)


EVERYTHING = (
    *("attributes:ordinary", "attributes:declared", "attributes:tax-secrets", "attributes:business-plans"),
    *("attributes:business-staff", "attributes:business-finance", "attributes:trade-secrets", "interactions"),
)


def test_the_tax_authority_assesses_its_own_items_and_others_need_the_firms_grant(real: Catalogue) -> None:
    assert _seen(real, "assess") == {OWN}
    assert _seen(real, "assess", "attributes:tax-secrets") == {OWN, SHARED}


def test_an_item_of_another_office_closes_what_was_the_tax_authoritys_own(real: Catalogue) -> None:
    reader = next(s for s in real.public_services.values() if "vat_sales_12m" in str(s.criteria))
    other = replace(reader, authority="文旅")
    changed = replace(real, public_services={**real.public_services, other.id: other})
    firm = Profile(
        "e", SubjectKind.ENTERPRISE, (ScopeItem("e", Scope.SELF, "e", attributes={"vat_sales_12m": 1.0}),)
    )
    assert mask(firm, "assess", [], real, AT).itself.attributes
    assert not mask(firm, "assess", [], changed, AT).itself.attributes


@pytest.mark.parametrize("use", USES)
def test_what_each_secret_never_serves(real: Catalogue, use: UseName) -> None:
    seen = _seen(real, use, *EVERYTHING)
    assert PERSON not in seen, "an owner's own data serve no page of the firm"
    assert (PLAN in seen) == (use not in ("train", "aggregate"))
    assert ({OWN, SHARED} <= seen) == (use != "aggregate")
    assert {OWN, SHARED} <= seen or not {OWN, SHARED} & seen


@pytest.mark.parametrize("use", sorted(CHANNEL_OF))
def test_nothing_secret_leaves_the_inbox(real: Catalogue, use: UseName) -> None:
    assert _seen(real, use, *EVERYTHING) == set()
