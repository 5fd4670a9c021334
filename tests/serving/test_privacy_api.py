"""What subjects decide on their data and ask of it, over the API and the real parts."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from privacy.consent_texts import default_texts
from records.consents import consents_of
from records.database import reading, writing
from records.holdings import held_counts
from records.reliance import reliances
from records.tables import audit, outbox
from serving.parts import Parts
from tests.serving.town import SUBJECTS

AT = dt.datetime(2026, 11, 21, 1, 0, tzinfo=dt.UTC)
LI = "/v1/citizens/c-li/privacy"


def parts_of(client: TestClient) -> Parts:
    parts: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return parts


def put(client: TestClient, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.put(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def push(client: TestClient, key: str, relied_on: list[str] | None, channel: str = "app") -> None:
    row = {
        "key": key,
        "subject": "c-li",
        "channel": channel,
        "topic": "health",
        "payload": {},
        "state": "pending",
        "attempts": 0,
        "created_at": AT,
        "next_attempt_at": AT,
        "relied_on": relied_on,
    }
    with writing(parts_of(client).engine) as connection:
        connection.execute(insert(outbox).values(**row))


def states(client: TestClient) -> dict[str, str]:
    with reading(parts_of(client).engine) as connection:
        return {row.key: row.state for row in connection.execute(select(outbox.c.key, outbox.c.state))}


def use(client: TestClient, purpose: str, theme: str) -> Any:
    themes = get(client, f"{LI}/consents")["themes"]
    found = next(one for one in themes if one["theme"] == theme)
    return next(one for one in found["uses"] if one["purpose"] == purpose)


def test_off_holds_on_the_next_call_and_ends_pushes_that_were_recommended(own_client: TestClient) -> None:
    push(own_client, "guessed", ["recommendation"])
    push(own_client, "duty", [])
    push(own_client, "silent", None)
    assert put(own_client, f"{LI}/recommendation", {"personalised": False})["cancelled_pushes"] == 2
    assert states(own_client) == {"guessed": "cancelled", "duty": "pending", "silent": "cancelled"}
    assert get(own_client, f"{LI}/choices")["personalised"] is False
    assert get(own_client, "/v1/citizens/c-li/homepage")["personalised"] is False
    put(own_client, f"{LI}/recommendation", {"personalised": True})
    assert get(own_client, "/v1/citizens/c-li/homepage")["personalised"] is True


def test_a_withdrawal_is_one_step_at_once_and_ends_what_rested_on_it(own_client: TestClient) -> None:
    push(own_client, "rests", ["consent:remind:attributes:ordinary"])
    push(own_client, "elsewhere", ["consent:remind:attributes:health"])
    before = get(own_client, "/v1/citizens/c-li/reminders")["reminders"]
    assert before
    body = {"purpose": "remind", "theme": "ordinary", "granted": False}
    assert put(own_client, f"{LI}/consents", body)["cancelled_pushes"] == 1
    assert states(own_client) == {"rests": "cancelled", "elsewhere": "pending"}
    assert not use(own_client, "remind", "ordinary")["granted"]
    after = {one["item"] for one in get(own_client, "/v1/citizens/c-li/reminders")["reminders"]}
    assert after < {one["item"] for one in before}
    version = use(own_client, "remind", "ordinary")["text_version"]
    put(own_client, f"{LI}/consents", {**body, "granted": True, "text_version": version})
    assert get(own_client, "/v1/citizens/c-li/reminders")["reminders"] == before


def test_a_yes_counts_for_the_words_in_force_alone(own_client: TestClient) -> None:
    body = {"purpose": "rank", "theme": "health", "granted": True}
    for wrong in ({}, {"text_version": "0.9"}):
        assert "errors" in put(own_client, f"{LI}/consents", body | wrong, 422)
    for wrong in ({"theme": "no-such-theme"}, {"theme": "business-plans"}):
        put(own_client, f"{LI}/consents", {**body, **wrong, "text_version": "1.1"}, 422)
    assert put(own_client, f"{LI}/consents", {**body, "purpose": "spy", "text_version": "1.1"}, 422)


def test_every_decision_is_in_the_audit_chain_in_its_own_words(own_client: TestClient) -> None:
    put(own_client, f"{LI}/recommendation", {"personalised": False})
    put(own_client, f"{LI}/consents", {"purpose": "rank", "theme": "health", "granted": False})
    put(own_client, f"{LI}/tags", {"tag": "trait:age_band", "wanted": False})
    put(own_client, f"{LI}/reminders", {"theme": "health", "channel": "sms", "wanted": True})
    with reading(parts_of(own_client).engine) as connection:
        rows = connection.execute(select(audit.c.action, audit.c.detail).order_by(audit.c.sequence)).all()
    said = {row.action: row.detail for row in rows}
    assert said["recommendation"]["personalised"] is False
    assert said["consent"]["text_hash"] == default_texts().hash("rank", "health")
    assert said["tag"] == {"tag": "trait:age_band", "wanted": False}
    assert said["reminders"]["channel"] == "sms"


def test_a_deleted_tag_is_listed_silences_what_reads_the_same_and_comes_back(own_client: TestClient) -> None:
    def tags() -> dict[str, Any]:
        return {one["id"]: one for one in get(own_client, f"{LI}/tags")["tags"]}

    assert not tags()["trait:age_band"]["deleted"]
    put(own_client, f"{LI}/tags", {"tag": "trait:age_band", "wanted": False})
    assert tags()["trait:age_band"]["deleted"]
    assert tags()["trait:retirement_band"]["silent"] if "trait:retirement_band" in tags() else True
    put(own_client, f"{LI}/tags", {"tag": "trait:age_band", "wanted": True})
    assert not tags()["trait:age_band"]["deleted"]
    put(own_client, f"{LI}/tags", {"tag": "trait:star_sign", "wanted": False}, 422)


@pytest.mark.parametrize("one", SUBJECTS, ids=lambda one: one["id"])
def test_a_copy_is_complete_table_by_table(own_client: TestClient, one: dict[str, Any]) -> None:
    folder = {"citizen": "citizens", "enterprise": "enterprises"}[one["kind"]]
    copy = get(own_client, f"/v1/{folder}/{one['id']}/privacy/data")
    with reading(parts_of(own_client).engine) as connection:
        counts = held_counts(connection, one["id"])
    rows = copy["manifest"]["rows"]
    for table, count in counts.items():
        if table not in ("login", "session"):  # a request begins one
            assert rows[table] == count, table
    assert {name: len(found) for name, found in copy["tables"].items()} == rows
    told = {(value["scope_item"], value["attribute"]) for value in copy["tables"]["attribute"]}
    for owned in ({"id": one["id"], "told": one["told"]}, *one.get("scope_items", ())):
        assert {(owned["id"], name) for name in owned["told"]} <= told
    other = next(each["id"] for each in SUBJECTS if each["id"] != one["id"])
    assert other not in str(copy["tables"])
    assert "form_token" not in str(copy["tables"])


def test_the_tables_are_the_same_copy(own_client: TestClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO(own_client.get("/citizens/c-li/privacy/copy.zip").content))
    copy = own_client.get("/citizens/c-li/privacy/copy.json").json()
    assert {name.removesuffix(".csv") for name in archive.namelist()} - {"manifest.json"} == set(
        copy["tables"]
    )
    lines = archive.read("attribute.csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + copy["manifest"]["rows"]["attribute"]


def test_a_disputed_value_goes_to_its_authority_is_shown_so_and_stays(own_client: TestClient) -> None:
    body = {"kind": "correct", "said": "应为 1994-05-07", "attribute": "birth_date"}
    made = own_client.post(f"{LI}/requests", json=body)
    assert made.status_code == 200, made.text
    asked = made.json()
    assert (asked["state"], asked["authority"], asked["scope_item"]) == ("open", "公安", "c-li")
    assert asked["due_on"] == "2026-12-11", "fifteen working days after 21 November 2026"
    values = get(own_client, f"{LI}/data")["tables"]["attribute"]
    born = next(one for one in values if one["attribute"] == "birth_date" and one["scope_item"] == "c-li")
    assert (born["value"], born["disputed"]) == ("1994-05-06", True)
    for wrong in ({"attribute": "no_such"}, {"scope_item": "c-wang"}):
        assert own_client.post(f"{LI}/requests", json=body | wrong).status_code == 422


def test_erasing_needs_the_word_and_leaves_nobody_there(own_client: TestClient) -> None:
    scope = get(own_client, f"{LI}/erasure")
    assert scope["rows"]["scope_item"] == 4
    assert own_client.post(f"{LI}/erasure", json={"confirmation": "c-wang"}).status_code == 422
    receipt = own_client.post(f"{LI}/erasure", json={"confirmation": scope["confirmation"]})
    assert receipt.status_code == 200, receipt.text
    assert {one["store"] for one in receipt.json()["stores"]} == {"records", "online store", "files", "audit"}
    assert "c-li" not in receipt.text
    assert own_client.get("/v1/citizens/c-li/homepage").status_code in (401, 403, 404)
    assert get(own_client, "/v1/citizens/c-wang/homepage")["subject"] == "c-wang"


@pytest.mark.slow
def test_withdrawing_at_random_leaves_the_next_request_and_push_clean(own_client: TestClient) -> None:
    """Whatever the order of events, nothing that was taken back is in the next page or the next push."""
    parts, draw = parts_of(own_client), random.Random(3)  # noqa: S311 - an order of events
    themes = [one["theme"] for one in get(own_client, f"{LI}/consents")["themes"]]
    for n in range(60):
        theme, purpose = draw.choice(themes), draw.choice(["assess", "rank", "remind"])
        happened = draw.choice(["push", "withdraw", "grant", "view"])
        found = next(t for t in get(own_client, f"{LI}/consents")["themes"] if t["theme"] == theme)
        asked = next((u for u in found["uses"] if u["purpose"] == purpose), None)
        if asked is None:
            continue
        body = {"purpose": purpose, "theme": theme}
        if happened == "push":
            with reading(parts.engine) as connection:
                said = consents_of(connection, "c-li")
            push(own_client, f"push-{n}", reliances(said, "remind", parts.desk.clock.at()))
        elif happened == "withdraw":
            put(own_client, f"{LI}/consents", {**body, "granted": False})
        elif happened == "grant":
            text = {"text_version": asked["text_version"]}
            put(own_client, f"{LI}/consents", {**body, "granted": True, **text})
        else:
            get(own_client, "/v1/citizens/c-li/homepage")
        _assert_clean(own_client)


def _assert_clean(client: TestClient) -> None:
    parts = parts_of(client)
    with reading(parts.engine) as connection:
        said = consents_of(connection, "c-li")
        waiting = select(outbox.c.relied_on).where(outbox.c.state == "pending")
        relied = {one for row in connection.execute(waiting).scalars() for one in row}
    allowed = set(reliances(said, "remind", parts.desk.clock.at()))
    assert relied <= allowed
    refused = {
        f"attributes:{theme['theme']}"
        for theme in get(client, f"{LI}/consents")["themes"]
        for use in theme["uses"]
        if use["purpose"] == "remind" and not use["granted"]
    }
    told = parts.desk.reminder_page(parts.catalogue.items["cs-hf-rent"].subject, "c-li")
    for entry in told.should_do:
        groups = {
            f"attributes:{parts.catalogue.attributes[name].consent_group or 'ordinary'}"
            for name in parts.catalogue.items[entry.item].consent_attributes
            if name in parts.catalogue.attributes
        }
        assert not groups & refused
