"""What is shown can be checked by its reader: the conditions, on the values stated, give the same verdict."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.expression import parse_condition
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value
from serving.parts import Parts
from tests.models.eligibility.reference_interpreter import kleene, parameter_values

WORDS = ("not_met", "unknown", "met")
STANDINGS = ("should_do", "can_do", "upcoming", "needs_information")


def stated(values: list[dict[str, Any]], parts: Parts) -> dict[str, Value]:
    known: dict[str, Value] = {}
    for one in values:
        is_date = parts.catalogue.attributes[one["attribute"]].type is ValueType.DATE
        if one["state"] == "known":
            known[one["attribute"]] = dt.date.fromisoformat(one["value"]) if is_date else one["value"]
        elif one["state"] == "none":
            known[one["attribute"]] = ABSENT
    return known


@pytest.mark.parametrize("subject", ["citizens/c-li", "citizens/c-wang", "enterprises/e-bakery"])
def test_every_reason_gives_its_verdict_again(client: TestClient, parts: Parts, subject: str) -> None:
    page = client.get(f"/v1/{subject}/homepage").json()
    shown = {entry["item"] for standing in STANDINGS for entry in page[standing]}
    assert len(shown) > 10
    figures = parameter_values(parts.catalogue.parameters, dt.date.fromisoformat(page["on"]))
    judged = 0
    for item in sorted(shown):
        for one in client.get(f"/v1/{subject}/assessments/{item}").json()["assessments"]:
            for criterion in one["criteria"]:
                known = {**figures, **stated(criterion["values"], parts)}
                again = kleene(parse_condition(criterion["expression"]), known)
                assert WORDS[again] == criterion["verdict"], (item, criterion)
                assert criterion["legal_source"]
                judged += 1
            least = min((WORDS.index(each["verdict"]) for each in one["criteria"]), default=2)
            assert one["verdict"] == ("ineligible", "undetermined", "eligible")[least]
    assert judged > 10
