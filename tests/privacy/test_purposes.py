"""The operator's policy: what it opens, what it closes, and how a faulty one is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import Origin, Scope, Sensitivity, SubjectKind
from features.schema import MaskedProfile, Profile, PurposeName, ScopeItem
from privacy.consent import Consent
from privacy.mask import mask
from privacy.policy_file import PolicyError, default_policy, load_policy
from privacy.purposes import PURPOSES, Basis, DataClass, Policy

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def test_only_ordinary_data_of_an_authority_is_assessed_under_duty() -> None:
    policy = default_policy()
    free = {
        (purpose, sensitivity, origin)
        for purpose in PURPOSES
        for sensitivity in Sensitivity
        for origin in Origin
        if policy.basis(purpose, DataClass(sensitivity, origin)) is not Basis.CONSENT
    }
    assert free == {("assess", "ordinary", "authority"), ("assess", "ordinary", "derived")}
    assert all(policy.interaction_basis(purpose) is Basis.CONSENT for purpose in PURPOSES)


def _seen(catalogue: Catalogue, policy: Policy, purpose: PurposeName, *targets: str) -> MaskedProfile:
    itself = ScopeItem("c1", Scope.SELF, "c1", attributes={"income": 1.0, "insured": True})
    consents = [Consent("c1", purpose, target, AT, None, "v1") for target in targets]
    return mask(Profile("c1", SubjectKind.CITIZEN, (itself,)), purpose, consents, catalogue, AT, policy)


def test_an_operator_can_say_otherwise(catalogue: Catalogue, tmp_path: Path) -> None:
    written = tmp_path / "policy.yaml"
    written.write_text(
        """
version: "2"
attributes:
  - {purpose: assess, sensitivity: sensitive, origin: authority, basis: statutory_duty}
  - {purpose: rank, sensitivity: sensitive, origin: authority, basis: never}
default_groups: {authority: everything}
""",
        encoding="utf8",
    )
    policy = load_policy(written)
    assert _seen(catalogue, policy, "assess").itself.attributes == {"income": 1.0}
    consenting = _seen(catalogue, policy, "assess", "attributes:everything")
    assert consenting.itself.attributes == {"income": 1.0, "insured": True}
    ranked = _seen(catalogue, policy, "rank", "attributes:finances", "attributes:everything", "never")
    assert ranked.itself.attributes == {"insured": True}
    assert "income" not in ranked.withheld, "no consent would open it"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("version: 1", "version"),
        (
            'version: "1"\nattributes:\n'
            "- {purpose: sell, sensitivity: ordinary, origin: authority, basis: consent}\n",
            "sell",
        ),
        ('version: "1"\nattribute: []', "attribute"),
        ('version: "1"\nscope_items: {castle: {}}', "castle"),
        (
            'version: "1"\nattributes:\n'
            "- {purpose: assess, sensitivity: minor, origin: authority, basis: consent}\n"
            "- {purpose: assess, sensitivity: minor, origin: authority, basis: never}\n",
            "more than one rule",
        ),
        ("[", "policy.yaml"),
    ],
)
def test_a_faulty_policy_is_refused_with_its_place(tmp_path: Path, text: str, word: str) -> None:
    written = tmp_path / "policy.yaml"
    written.write_text(text, encoding="utf8")
    with pytest.raises(PolicyError, match=word) as refused:
        load_policy(written)
    assert str(written) in str(refused.value)


def test_a_policy_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")
