"""Supposing changes what is supposed and nothing else, and opens nothing that the mask closed."""

from __future__ import annotations

import pytest

from catalog.vocabulary import Scope
from features.schema import ABSENT, ScopeItem
from privacy.supposition import suppose
from tests.personas_world import day_of, everybody

PERSONAS = {persona.id: persona for persona in everybody()}
MOTHER = day_of(PERSONAS["newborn-mother"]).profile
WITHHELD = day_of(PERSONAS["low-income-consent-withheld"]).profile


def test_nothing_supposed_is_the_profile_itself() -> None:
    for persona in everybody():
        profile = day_of(persona).profile
        assert suppose(profile, {}) == profile


def test_what_is_supposed_is_told_and_the_rest_stays() -> None:
    child = MOTHER.scope_items[1]
    supposed = suppose(MOTHER, {child.id: {"child_hukou_registered": True}})
    assert supposed.scope_items[1].attributes == {**child.attributes, "child_hukou_registered": True}
    assert supposed.scope_items[0] == MOTHER.scope_items[0]
    assert (supposed.purpose, supposed.withheld) == (MOTHER.purpose, MOTHER.withheld)
    assert MOTHER.scope_items[1] == child


def test_supposing_that_there_is_none_leaves_no_trace_that_there_was_one() -> None:
    held = suppose(MOTHER, {MOTHER.subject: {"has_graduation_date": True}})
    assert held.itself.attributes["has_graduation_date"] is True
    gone = suppose(held, {MOTHER.subject: {"graduation_date": ABSENT}})
    assert "has_graduation_date" not in gone.itself.attributes
    assert gone.itself.attributes["graduation_date"] is ABSENT


def test_a_true_attribute_called_has_stays() -> None:
    supposed = suppose(MOTHER, {MOTHER.subject: {"has_id_card": False, "id_card_lost": True}})
    assert supposed.itself.attributes["has_id_card"] is False


def test_what_was_withheld_is_opened_by_nothing_that_is_supposed() -> None:
    household = WITHHELD.scope_items[1]
    assert "family_income_per_capita_month" not in household.attributes
    supposed = suppose(WITHHELD, {household.id: {"family_assets_within_limit": True}})
    assert "family_income_per_capita_month" not in supposed.scope_items[1].attributes
    assert supposed.withheld == WITHHELD.withheld


def test_scope_items_are_added_behind_those_that_are() -> None:
    dog = ScopeItem("new", Scope.VEHICLE, MOTHER.subject)
    assert suppose(MOTHER, {}, [dog]).scope_items == (*MOTHER.scope_items, dog)


def test_nobody_else_s_scope_item_is_supposed_of() -> None:
    with pytest.raises(KeyError, match="no scope items"):
        suppose(MOTHER, {"somebody": {"sex": "male"}})
    for wrong in (
        ScopeItem(MOTHER.scope_items[1].id, Scope.CHILD, MOTHER.subject),
        ScopeItem("new", Scope.CHILD, "somebody"),
    ):
        with pytest.raises(ValueError, match="cannot be added"):
            suppose(MOTHER, {}, [wrong])
