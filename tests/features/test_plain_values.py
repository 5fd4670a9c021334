"""Values as people write them: taken exactly as the register has them, or refused with the remedy."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from features.plain_values import read_values
from features.schema import ABSENT
from tests.personas_world import real_catalogue

CITIZEN, ENTERPRISE = SubjectKind.CITIZEN, SubjectKind.ENTERPRISE
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


def test_what_fits_is_taken_as_it_is() -> None:
    written = {
        "sex": "female",
        "has_id_card": True,
        "pension_contribution_months": 12,
        "birth_date": "1994-05-06",
        "graduation_date": dt.date(2026, 7, 1),
        "id_card_expiry_date": None,
    }
    values, refusals = read_values(written, real_catalogue(), CITIZEN, Scope.SELF)
    assert not refusals
    assert values == {
        **written,
        "birth_date": dt.date(1994, 5, 6),
        "id_card_expiry_date": ABSENT,
    }
    assert isinstance(values["pension_contribution_months"], float)


@pytest.mark.parametrize(
    ("name", "plain", "remedy"),
    [
        ("shoe_size", 43, "no such attribute"),
        ("age", 32, "state what it follows from (birth_date)"),
        ("employees_count", 3, "belongs to a subject of kind enterprise"),
        ("child_grade", 3, "ranges over scope child"),
        ("sex", "f", "takes one of male, female"),
        ("has_id_card", "yes", "takes true or false"),
        ("has_id_card", 1, "takes true or false"),
        ("has_id_card", None, "takes true or false"),
        ("pension_contribution_months", True, "takes a finite number"),
        ("pension_contribution_months", float("nan"), "takes a finite number"),
        ("pension_contribution_months", 10**400, "takes a finite number"),
        ("birth_date", "6 May 1994", "takes a date"),
        ("birth_date", "1994-5-6", "takes a date"),
        ("birth_date", "1994-W18-5", "takes a date"),
        ("birth_date", "2025-02-29", "takes a date"),
        ("birth_date", dt.datetime(1994, 5, 6, tzinfo=dt.UTC), "takes a date"),
        ("graduation_date", "soon", "or null for none"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(name: str, plain: object, remedy: str) -> None:
    written = {name: plain, "nationality": "CN"}
    values, refusals = read_values(written, real_catalogue(), CITIZEN, Scope.SELF)
    assert values == {"nationality": "CN"}
    assert [refusal.attribute for refusal in refusals] == [name]
    assert remedy in refusals[0].message


def test_every_refusal_comes_at_once() -> None:
    written = {
        "size_class": "huge",
        "employees_count": "many",
        "tax_registered": 1,
        "birth_date": "1994-05-06",
    }
    _, refusals = read_values(written, real_catalogue(), ENTERPRISE, Scope.SELF)
    assert [refusal.attribute for refusal in refusals] == list(written)


@given(name=st.sampled_from(sorted(real_catalogue().attributes)), plain=anything)
def test_whatever_is_written_is_taken_or_refused_and_never_repeated(name: str, plain: object) -> None:
    attribute = real_catalogue().attributes[name]
    values, refusals = read_values({name: plain}, real_catalogue(), attribute.subject, attribute.scope)
    assert len(values) + len(refusals) == 1
    if refusals and isinstance(plain, str) and len(plain) > 20:
        assert plain not in refusals[0].message
