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


def told_without_source(values: list[dict[str, Any]], parts: Parts) -> list[str]:
    """The facts of registers of which it is not said whose word they are, and of when."""
    held = {n for n, a in parts.catalogue.attributes.items() if a.derived is None and a.implied_by is None}
    known = (one for one in values if one["state"] != "unknown" and one["attribute"] in held)
    return [one["attribute"] for one in known if one["source"] is None or one["as_of"] is None]


@pytest.mark.parametrize("subject", ["citizens/c-li", "citizens/c-wang", "enterprises/e-bakery"])
def test_every_reason_gives_its_verdict_again(client: TestClient, parts: Parts, subject: str) -> None:
    page = client.get(f"/v1/{subject}/homepage").json()
    shown = {entry["item"] for standing in STANDINGS for entry in page[standing]}
    assert len(shown) > 10
    figures = parameter_values(parts.catalogue.parameters, dt.date.fromisoformat(page["on"]))
    judged = 0
    for item in sorted(shown):
        answer = client.get(f"/v1/{subject}/assessments/{item}").json()
        assert answer["catalogue_version"] == parts.catalogue.version, "which rules these are"
        for one in answer["assessments"]:
            for criterion in one["criteria"]:
                assert criterion["criterion"]
                assert told_without_source(criterion["values"], parts) == []
                known = {**figures, **stated(criterion["values"], parts)}
                again = kleene(parse_condition(criterion["expression"]), known)
                assert WORDS[again] == criterion["verdict"], (item, criterion)
                assert criterion["legal_source"]
                judged += 1
            least = min((WORDS.index(each["verdict"]) for each in one["criteria"]), default=2)
            assert one["verdict"] == ("ineligible", "undetermined", "eligible")[least]
    assert judged > 10
