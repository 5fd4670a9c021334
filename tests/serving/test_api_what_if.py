"""What if: asked through the API, answered by the rules, and forgotten."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.api.what_if_schemas import WhatIfSchema
from serving.settings import ServingSettings
from tests.serving.town import TODAY

LI, SOFT = {"kind": "citizen", "subject": "c-li"}, {"kind": "enterprise", "subject": "e-soft"}


def ask(client: TestClient, who: dict[str, str], **supposed: Any) -> Any:
    answer = client.post("/v1/what-if", json={**who, **supposed})
    assert answer.status_code == 200, answer.text
    WhatIfSchema.model_validate_json(answer.content)
    return answer.json()


def refused(client: TestClient, who: dict[str, str], **supposed: Any) -> dict[str, str]:
    answer = client.post("/v1/what-if", json={**who, **supposed})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]}


def told(scope_item: str, **attributes: object) -> list[dict[str, object]]:
    return [{"scope_item": scope_item, "attributes": attributes}]


def of(lines: Any, item: str, scope_item: str | None = None) -> Any:
    found = [
        line
        for line in lines
        for side in (line["after"] or line["before"],)
        if side["item"] == item and scope_item in (None, side["scope_item"])
    ]
    assert len(found) == 1, f"{item}: {len(found)} lines"
    return found[0]


def test_losing_one_s_work_opens_the_unemployed_s_services_and_closes_the_employed_s(
    client: TestClient,
) -> None:
    found = ask(client, LI, changes=told("c-li", employment_status="unemployed"))
    opened = of(found["appears"], "cs-unemployment-registration")
    assert (opened["before"], opened["after"]["standing"]) == (None, "can_do")
    assert (opened["cause"], opened["rests_on"]) == ("supposition", ["employment_status"])
    closed = of(found["disappears"], "cs-iit-deduction-confirm")
    assert closed["unmet"][0]["expression"] == "employment_status = 'employed'"
    assert closed["unmet"][0]["legal_source"].startswith("个人所得税法")
    assert closed["reasons"][0]["code"] == "not_eligible"
    assert [line["after"]["event"] for line in found["events"] if line["before"] is None] == [
        "le-unemployment"
    ]
    assert found["policy_package"] is None


def test_a_birth_is_supposed_with_its_day_and_tells_when_what_is_due(client: TestClient) -> None:
    added = {"id": "baby", "scope": "child", "label": "三宝"}
    born = {"child_birth_date": "2026-11-20", "child_hukou_registered": False, "child_vaccine_card": False}
    found = ask(client, LI, scope_items=[{**added, "attributes": born}])
    registration = of(found["appears"], "cs-birth-registration", "baby")["after"]
    assert (registration["label"], registration["standing"]) == ("三宝", "should_do")
    assert registration["due_on"] == "2026-12-20"
    assert all(line["after"]["scope_item"] == "baby" for line in found["appears"])


def test_an_event_brings_its_own_scope_item_and_says_whether_it_holds(client: TestClient) -> None:
    found = ask(client, LI, events=[{"event": "le-newborn", "date": "2026-11-20"}])
    (event,) = found["supposed_events"]
    assert (event["holds"], event["unmet"]) == ("holds", [])
    new = [line for line in found["events"] if line["before"] is None]
    assert [(line["after"]["event"], line["after"]["scope_item"]) for line in new if line] == [
        ("le-newborn", event["scope_item"]),
    ]
    # Nobody told whether the hukou is registered, so the duty is asked about and not asserted.
    assert of(found["appears"], "cs-birth-registration")["after"]["standing"] == "needs_information"


def test_an_event_that_would_not_hold_says_which_condition_fails(client: TestClient) -> None:
    (arrival,) = ask(client, LI, events=[{"event": "le-arrival"}])["supposed_events"]
    assert arrival["holds"] == "does_not_hold"
    assert [unmet["expression"] for unmet in arrival["unmet"]] == ["hukou_province = 'other'"]


def test_another_day_alone_is_the_work_of_time(client: TestClient) -> None:
    wang = {"kind": "citizen", "subject": "c-wang"}
    found = ask(client, wang, on="2027-02-01")
    assert (found["today"], found["on"]) == (TODAY.isoformat(), "2027-02-01")
    allowance = of(found["changes"], "cs-advanced-age-allowance")
    assert allowance["before"]["standing"] == "upcoming"
    assert allowance["before"]["opens_on"] == "2027-01-15"
    assert allowance["after"]["standing"] == "can_do"
    every = [*found["appears"], *found["disappears"], *found["changes"], *found["events"]]
    assert {line["cause"] for line in every} == {"time"}


def test_time_and_supposition_are_told_apart(client: TestClient) -> None:
    otherwise = told("c-li", employment_status="unemployed", is_renting=False)
    found = ask(client, LI, on="2027-02-10", changes=otherwise)
    assert of(found["appears"], "cs-unemployment-registration")["cause"] == "supposition"
    assert of(found["changes"], "cs-driver-renewal")["cause"] == "time"
    gone = {line["before"]["item"] for line in found["disappears"]}
    assert "cs-hf-rent" not in gone, "an open case stays open whatever is supposed"


def test_a_firm_s_package_changes_with_it(client: TestClient) -> None:
    found = ask(client, SOFT, changes=told("e-soft", is_hitech=False, employees_count=25))
    package = found["policy_package"]
    assert "ep-hitech-15" in {item["id"] for item in package["leaves"]}
    assert "ep-disabled-fund-exempt" in {item["id"] for item in package["enters"]}
    assert of(found["disappears"], "es-disabled-fund")["rests_on"] == ["employees_count"]


def test_what_cannot_be_so_is_reported_and_taken_as_unknown(client: TestClient) -> None:
    found = ask(client, LI, changes=told("c-li", sex="male", is_pregnant=True))
    assert [said["en"] for said in found["contradictions"]] == ["Sex and pregnancy contradict each other"]
    assert of(found["appears"], "cs-maternal-record")["after"]["standing"] == "needs_information"


def test_supposing_what_is_so_already_changes_nothing(client: TestClient) -> None:
    found = ask(client, LI, changes=told("c-li", employment_status="employed", birth_date="1994-05-06"))
    assert not any(found[part] for part in ("appears", "disappears", "changes", "events"))


def test_null_says_that_there_is_none(client: TestClient) -> None:
    found = ask(client, LI, changes=told("c-li", id_card_expiry_date=None))
    gone = of(found["disappears"], "cs-id-renewal")
    assert gone["rests_on"] == ["id_card_expiry_date"]


def test_nothing_that_is_supposed_is_kept(own_client: TestClient, own_town: ServingSettings) -> None:
    before = own_client.get("/v1/citizens/c-li/homepage").json()
    kept = _held(own_town)
    ask(own_client, LI, changes=told("c-li", employment_status="unemployed"))
    ask(own_client, LI, events=[{"event": "le-newborn", "date": "2026-11-20"}])
    assert _held(own_town) == kept
    assert own_client.get("/v1/citizens/c-li/homepage").json() == before


def _held(settings: ServingSettings) -> dict[str, object]:
    """Every row of every table that a run keeps; but looks are on record each second, whatever is asked."""
    import sqlite3

    held: dict[str, object] = {}
    for path in (Path(settings.home) / "records.db", settings.online_path):
        with sqlite3.connect(path) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for table in (name for (name,) in tables if not name.startswith("audit")):
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
                held[f"{path.name}.{table}"] = sorted(map(repr, rows))
    return held


def test_what_was_not_consented_to_is_supposed_but_never_opened(client: TestClient) -> None:
    zhao = {"kind": "citizen", "subject": "c-zhao"}
    found = ask(client, zhao, changes=told("c-zhao", plans_to_marry=True, marital_status="single"))
    marriage = of(found["changes"], "cs-marriage-registration")
    assert (marriage["before"]["standing"], marriage["after"]["standing"]) == ("needs_information", "can_do")
    assert {unknown["id"] for unknown in marriage["before"]["unknown"]} == {
        "plans_to_marry",
        "marital_status",
    }
    refusal = refused(client, zhao, changes=told("c-zhao-child-1", child_grade=1))
    assert refusal == {"/body/changes/0/scope_item": "not one of the subject's scope items"}


def test_every_fault_is_named_at_once(client: TestClient) -> None:
    faults = refused(
        client,
        SOFT,
        on="2020-01-01",
        changes=[
            *told("e-soft", age=3, taxpayer_type="none", licence_issue_date="soon", established_years=3),
            *told("e-soft", is_hitech=True),
            *told("e-nobody", is_hitech=True),
        ],
        scope_items=[
            {"id": "e-soft", "scope": "child", "attributes": {}},
            {"id": "shop", "scope": "site", "attributes": {"employees_count": 3}},
        ],
        events=[
            {"event": "le-nothing"},
            {"event": "le-newborn"},
            {"event": "le-tech-policy"},
            {"event": "le-open-hotel", "scope_item": "e-soft"},
        ],
    )
    assert faults.keys() == {
        "/body/on",
        "/body/changes/0/attributes/age",
        "/body/changes/0/attributes/taxpayer_type",
        "/body/changes/0/attributes/licence_issue_date",
        "/body/changes/0/attributes/established_years",
        "/body/changes/1/scope_item",
        "/body/changes/2/scope_item",
        "/body/scope_items/0/id",
        "/body/scope_items/0/scope",
        "/body/scope_items/1/attributes/employees_count",
        "/body/events/0/event",
        "/body/events/1/event",
        "/body/events/2/event",
        "/body/events/3/scope_item",
    }
    assert "established_date" in faults["/body/changes/0/attributes/established_years"]
    assert "is_hitech" in faults["/body/events/2/event"]


@pytest.mark.parametrize(
    ("supposed", "pointer"),
    [
        ({}, "/body"),
        ({"on": TODAY.isoformat()}, "/body"),
        ({"on": (TODAY + dt.timedelta(days=366 * 11)).isoformat()}, "/body/on"),
        ({"on": 20270101}, "/body/on"),
        ({"changes": [{"scope_item": "c-li", "attributes": {}}]}, "/body/changes/0/attributes"),
        ({"changes": [{"scope_item": "c-li"}]}, "/body/changes/0/attributes"),
        ({"store": True}, "/body/store"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    client: TestClient, supposed: dict[str, object], pointer: str
) -> None:
    assert pointer in refused(client, LI, **supposed)


def test_what_was_sent_is_never_repeated(client: TestClient) -> None:
    secret = "very-private-word"
    answer = client.post("/v1/what-if", json={**LI, "changes": told("c-li", sex=secret, birth_date=secret)})
    assert answer.status_code == 422
    assert secret not in answer.text


@pytest.mark.parametrize("who", [{"kind": "citizen", "subject": "c-nobody"}, {**SOFT, "kind": "citizen"}])
def test_a_stranger_is_not_found(client: TestClient, who: dict[str, str]) -> None:
    assert client.post("/v1/what-if", json={**who, "on": "2027-01-01"}).status_code == 404


def test_questions_about_other_days_leave_today_s_rules_compiled(client: TestClient) -> None:
    rules = client.app.state.parts.desk.judge  # type: ignore[attr-defined]
    client.get("/v1/citizens/c-li/homepage")
    days = {key[0] for key in rules._sets}
    for month in range(1, 12):
        ask(client, LI, on=f"2027-{month:02}-15")
    assert {key[0] for key in rules._sets} == days
