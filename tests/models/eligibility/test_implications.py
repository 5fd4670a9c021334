"""What the real register lets follow from one value, for one subject and for a population alike."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import catalog
from catalog.loader import load_catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Value
from models.eligibility.register import register_of
from models.eligibility.table_completion import complete_table

ON = dt.date(2026, 11, 21)
REGISTER = register_of(
    load_catalogue(Path(catalog.__file__).parent / "data"), SubjectKind.CITIZEN, Scope.SELF
)


@pytest.mark.parametrize(
    ("told", "implied"),
    [
        ({"driver_licence_class": "C1"}, {"has_driver_licence": True}),
        ({"driver_licence_class": "none"}, {"has_driver_licence": False}),
        ({"disability_category": "visual"}, {"is_disabled": True}),
        ({"disability_category": "none"}, {"is_disabled": False}),
        ({"veteran_placement": "self_employment"}, {"is_veteran": True}),
        # That nobody was placed does not say that nobody served.
        ({"veteran_placement": "none"}, {}),
        # What a register tells is never overwritten.
        ({"driver_licence_class": "none", "has_driver_licence": True}, {"has_driver_licence": True}),
    ],
)
def test_what_one_value_implies(told: dict[str, Value], implied: dict[str, Value]) -> None:
    names = ("has_driver_licence", "is_disabled", "is_veteran")
    facts = REGISTER.completion.complete(told, ON)
    assert {name: facts[name] for name in names if name in facts} == implied
    table = complete_table(pl.DataFrame([told]), REGISTER.completion.only(names), ON)
    found = {name: table[name][0] for name in names if table[name][0] is not None}
    assert found == implied
