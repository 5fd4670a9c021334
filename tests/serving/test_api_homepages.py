"""Homepages, reminders, packages, items and assessments for programs, over the real parts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.vocabulary import Delicacy, Proactive, Status
from models.recommendation import Verdict
from records.database import writing
from records.tables import consent
from serving.parts import Parts
from tests.serving.town import SUBJECTS, TODAY

STANDINGS = ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done")
FOLDERS = {"citizen": "citizens", "enterprise": "enterprises"}
EVERYBODY = [(FOLDERS[one["kind"]], one["id"]) for one in SUBJECTS]


def get(client: TestClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


def entry(page: Any, item: str, scope_item: str) -> Any:
    found = [
        one
        for standing in STANDINGS
        for one in page[standing]
        if (one["item"], one["scope_item"]) == (item, scope_item)
    ]
    assert found, f"{item} of {scope_item} is not on the page"
    return found[0]


@pytest.mark.parametrize(("folder", "id"), EVERYBODY)
def test_everybody_has_a_homepage_with_nothing_ineligible_on_it(
    client: TestClient, parts: Parts, folder: str, id: str
) -> None:
    page = get(client, f"/v1/{folder}/{id}/homepage")
    assert (page["subject"], page["on"]) == (id, TODAY.isoformat())
    known = parts.desk.known(parts.catalogue.items[_first(page)].subject, id)
    for standing in ("should_do", "can_do"):
        for one in page[standing]:
            verdict = known.judgement.verdicts(one["scope_item"])[one["item"]]
            assert verdict is Verdict.TRUE, f"{one['item']} of {one['scope_item']} is {verdict.name}"
    for standing in STANDINGS:
        for one in page[standing]:
            item = parts.catalogue.items[one["item"]]
            assert one["standing"] == standing
            assert item.status is Status.CONFIRMED
            assert item.proactive is not Proactive.SEARCH_ONLY


def _first(page: Any) -> str:
    return str(next(page[standing][0]["item"] for standing in STANDINGS if page[standing]))


def test_a_birth_is_to_be_registered_and_whose_it_is_is_said(client: TestClient) -> None:
    page = get(client, "/v1/citizens/c-li/homepage")
    birth = entry(page, "cs-birth-registration", "c-li-child-1")
    assert (birth["label"], birth["standing"], birth["urgency"]) == ("小满", "should_do", "obligation")
    assert birth["due_on"] == "2026-12-03"
    assert [paper["id"] for paper in birth["missing"]] == ["m-marriage-cert"]
    assert not any(one["scope_item"] == "c-li-child-2" for one in page["should_do"] if "birth" in one["item"])


@pytest.mark.parametrize(("folder", "id"), EVERYBODY)
def test_themes_refer_to_entries_of_the_same_page_and_none_is_empty(
    client: TestClient, folder: str, id: str
) -> None:
    page = get(client, f"/v1/{folder}/{id}/homepage")
    listed = {
        (one["item"], one["scope_item"], one["cycle"]) for standing in STANDINGS for one in page[standing]
    }
    for theme in page["themes"]:
        assert theme["entries"]
        assert {(one["item"], one["scope_item"], one["cycle"]) for one in theme["entries"]} <= listed


def test_without_a_model_the_page_is_in_rule_order_and_says_so(client: TestClient) -> None:
    page = get(client, "/v1/citizens/c-li/homepage")
    assert (page["ordered_by"], page["degraded"]) == ("rules", ["model_missing"])
    assert all(one["score"] is None for standing in STANDINGS for one in page[standing])


def test_without_consent_what_is_delicate_stays_unknown(client: TestClient, parts: Parts) -> None:
    page = get(client, "/v1/citizens/c-zhao/homepage")
    needed = {attribute["id"] for one in page["needs_information"] for attribute in one["unknown"]}
    ordinary = {name for name, one in parts.catalogue.attributes.items() if one.consent_group is None}
    assert needed - ordinary, "something that only consent opens is missing"


def test_a_withdrawal_holds_on_the_very_next_page(own_client: TestClient) -> None:
    before = get(own_client, "/v1/citizens/c-li/homepage")
    assert any(one["scope_item"] == "c-li-child-1" for one in before["should_do"])
    engine = own_client.app.state.parts.engine  # type: ignore[attr-defined]
    with writing(engine) as connection:
        mine = (consent.c.subject == "c-li", consent.c.target == "attributes:children")
        when = dt.datetime(2026, 11, 21, 1, tzinfo=dt.UTC)
        connection.execute(consent.update().where(*mine).values(withdrawn_at=when))
    after = own_client.get("/v1/citizens/c-li/homepage").text
    assert "c-li-child" not in after
    assert "小满" not in after


def test_reminders_keep_their_key_and_hide_what_is_delicate(client: TestClient, parts: Parts) -> None:
    first = get(client, "/v1/citizens/c-li/reminders")
    assert first == get(client, "/v1/citizens/c-li/reminders")
    told = first["reminders"]
    assert told
    assert len({one["key"] for one in told}) == len(told)
    for one in told:
        item = parts.catalogue.items[one["item"]]
        assert item.proactive is Proactive.PUSH
        assert (one["preview"] == one["names"]) is (item.delicacy is Delicacy.NORMAL)
        assert one["compulsory"] is (one["urgency"] != "lapsing")


def test_nobody_is_reminded_on_what_they_did_not_let_reminders_know(client: TestClient) -> None:
    assert get(client, "/v1/citizens/c-wang/homepage")["should_do"]
    assert get(client, "/v1/citizens/c-wang/reminders")["reminders"] == []


def test_a_package_holds_only_eligible_items_in_groups_that_are_not_empty(
    client: TestClient, parts: Parts
) -> None:
    package = get(client, "/v1/enterprises/e-soft/policy-package")
    known = parts.desk.known(parts.catalogue.items["ep-small-profit-cit"].subject, "e-soft")
    assert package["groups"]
    for group in package["groups"]:
        assert group["entries"]
        for one in group["entries"]:
            assert known.judgement.verdicts(one["scope_item"])[one["item"]] is Verdict.TRUE
            assert one["money"] is None or one["money"]["yuan"] is None or one["money"]["yuan"] > 0


def test_why_not_names_the_condition_that_fails_and_what_it_was_judged_on(client: TestClient) -> None:
    answer = get(client, "/v1/citizens/c-li/assessments/cs-birth-registration")
    verdicts = {one["label"]: one["verdict"] for one in answer["assessments"]}
    assert verdicts == {"小满": "eligible", "小雨": "ineligible"}
    refused = next(one for one in answer["assessments"] if one["label"] == "小雨")
    failing = [one for one in refused["criteria"] if one["verdict"] == "not_met"]
    assert [one["criterion"] for one in failing] == ["child-hukou-registered"]
    value = failing[0]["values"][0]
    assert (value["attribute"], value["state"], value["value"]) == ("child_hukou_registered", "known", True)
    assert (value["source"], value["as_of"]) == ("public-security", "2026-11-20T08:00:00Z")
    assert failing[0]["legal_source"]


def test_what_is_not_known_is_told_as_unknown_with_what_would_settle_it(client: TestClient) -> None:
    page = get(client, "/v1/citizens/c-zhao/homepage")
    item = page["needs_information"][0]["item"]
    answer = get(client, f"/v1/citizens/c-zhao/assessments/{item}")
    undetermined = next(one for one in answer["assessments"] if one["verdict"] == "undetermined")
    assert undetermined["settles"]
    assert not any(one["verdict"] == "not_met" for one in undetermined["criteria"])
    assert any(one["unknown"] for one in undetermined["criteria"])


def test_items_tell_conditions_papers_and_law_and_never_invent_a_channel(client: TestClient) -> None:
    service = get(client, "/v1/public-services/cs-birth-registration")
    assert service["legal_basis"] == "户口登记条例第7条"
    assert service["deadline"] == "within(child_birth_date,+1M)"
    assert service["channels"] == {"online": None, "terminal": None, "hall": None, "hotline": None}
    assert service["item_code"] is None
    policy = get(client, "/v1/support-policies/ep-small-profit-cit")
    assert policy["apply_mode"] == "self_declare"
    assert policy["amount"] is None


def test_an_unverified_item_is_not_there(client: TestClient, parts: Parts) -> None:
    unverified = [
        id for id, one in parts.catalogue.public_services.items() if one.status is Status.UNVERIFIED
    ]
    assert unverified
    for path in (f"/v1/public-services/{unverified[0]}", f"/public-services/{unverified[0]}"):
        assert client.get(path).status_code == 404
