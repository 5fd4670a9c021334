"""Whatever the mask asks for can be consented to, and the sample city's people can say yes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from pipelines.city.consents import targets as offered
from pipelines.city.consents import told_targets
from pipelines.ingest.references import consent_targets
from privacy.gate import targets
from privacy.policy_file import default_policy

CATALOGUE = load_catalogue(Path(catalog.__file__).parent / "data")


@pytest.mark.parametrize("kind", SubjectKind)
@pytest.mark.parametrize("purpose", ["assess", "rank", "train", "remind"])
def test_what_the_mask_needs_is_taken_in(kind: SubjectKind, purpose: PurposeName) -> None:
    wanted = set(targets(CATALOGUE, default_policy(), kind, purpose))
    assert wanted
    assert wanted <= set(consent_targets(CATALOGUE, default_policy()))


@pytest.mark.parametrize("purpose", ["rank", "train"])
def test_who_says_yes_to_everything_in_the_city_opens_everything(purpose: PurposeName) -> None:
    wanted = set(targets(CATALOGUE, default_policy(), SubjectKind.CITIZEN, purpose))
    can_say = {*offered(CATALOGUE, SubjectKind.CITIZEN, purpose), *told_targets(purpose)}
    assert wanted <= can_say
    assert can_say <= set(consent_targets(CATALOGUE, default_policy()))
