"""The inbox for programs: one's own, as far as one may see; wishes hold at once, addresses once confirmed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME, choices_of, choose_reminders
from records.database import reading, writing
from records.grounds import destination
from records.inbox import Message
from records.tables import audit, outbox, relation
from records.telling import Telling, tell
from records.unsubscribing import unsubscribe_word
from serving.inbox.sight import MOST_SHOWN
from serving.parts import Parts
from tests.serving.signing_in import SESSION, session_of, token_of

AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
WHY = Reason("window_open", Names(zh="年检到期", en="Your inspection is due"))
SERVICE = "cs-vehicle-inspection"


def message(key: str, who: str = "c-li", **said: Any) -> Message:
    given: dict[str, Any] = {"names": Names(zh=f"消息{key}", en=f"Message {key}"), "topic": "transport"}
    return Message(key=key, subject=who, reason=WHY, catalogue_version="v1", **{**given, **said})


def parts_of(client: TestClient) -> Parts:
    opened: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return opened


def told(client: TestClient, *messages: Message) -> Telling:
    with writing(parts_of(client).engine) as connection:
        return tell(connection, messages, AT)


def inbox(client: TestClient, who: str = "citizens/c-li", **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/{who}/inbox", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def keys(body: dict[str, Any]) -> list[str]:
    return [one["names"]["en"].removeprefix("Message ") for one in body["messages"]]


def test_an_inbox_holds_its_subject_s_messages_and_no_other_s(own_client: TestClient) -> None:
    told(own_client, message("a"), message("b"), message("c", "c-wang"), message("d", "e-soft"))
    mine = inbox(own_client)
    assert (keys(mine), mine["unread"], mine["hidden"]) == (["a", "b"], 2, 0)
    assert keys(inbox(own_client, after=mine["messages"][0]["id"])) == ["b"]
    assert keys(inbox(own_client, "citizens/c-wang")) == ["c"]
    assert keys(inbox(own_client, "enterprises/e-soft")) == ["d"]
    stranger = {"authorization": f"Bearer {token_of(own_client.app, 'citizen:c-wang')}"}
    assert own_client.get("/v1/citizens/c-li/inbox", headers=stranger).status_code == 404


def test_reading_and_dismissing(own_client: TestClient) -> None:
    told(own_client, message("a"), message("duty", required=True), message("c", "c-wang"))
    first, duty = (one["id"] for one in inbox(own_client)["messages"])
    theirs = inbox(own_client, "citizens/c-wang")["messages"][0]["id"]
    post = own_client.post
    assert post(f"/v1/citizens/c-li/inbox/{first}/read").json() == {"changed": 1}
    assert post(f"/v1/citizens/c-li/inbox/{first}/read").json() == {"changed": 0}
    assert post(f"/v1/citizens/c-li/inbox/{theirs}/read").status_code == 422
    assert inbox(own_client)["unread"] == 1
    assert post(f"/v1/citizens/c-li/inbox/{first}/dismiss").json() == {"changed": 1}
    assert post(f"/v1/citizens/c-li/inbox/{first}/dismiss").json() == {"changed": 0}
    refused = post(f"/v1/citizens/c-li/inbox/{duty}/dismiss")
    assert refused.status_code == 422
    assert "duty" in refused.json()["errors"][0]["message"]
    assert post(f"/v1/citizens/c-li/inbox/{theirs}/dismiss").status_code == 422
    assert keys(inbox(own_client)) == ["duty"]
    assert keys(inbox(own_client, closed=True)) == ["a", "duty"]
    assert keys(inbox(own_client, "citizens/c-wang")) == ["c"]
    assert told(own_client, message("a")) == Telling(), "what was dismissed is not told again"


def test_an_inbox_is_read_page_by_page(own_client: TestClient) -> None:
    told(own_client, *(message(f"{n:03}") for n in range(MOST_SHOWN + 5)), message("theirs", "c-wang"))
    newest = inbox(own_client)
    assert keys(newest) == [f"{n:03}" for n in range(5, MOST_SHOWN + 5)]
    assert newest["unread"] == MOST_SHOWN + 5
    oldest = inbox(own_client, before=newest["next_before"])
    assert (keys(oldest), oldest["next_before"]) == ([f"{n:03}" for n in range(5)], None)
    assert oldest["unread"] == MOST_SHOWN + 5, "whichever page, the whole inbox is counted"
    post = own_client.post
    assert post(f"/v1/citizens/c-li/inbox/{oldest['messages'][1]['id']}/dismiss").json() == {"changed": 1}
    since: dict[str, Any] = {"after": oldest["messages"][0]["id"], "limit": 2}
    for closed, expected in ((False, ["002", "003", "004"]), (True, ["001", "002", "003", "004"])):
        before: dict[str, Any] = {"before": newest["messages"][0]["id"]}
        found: list[str] = []
        while before != {"before": None}:
            page = inbox(own_client, closed=closed, **since, **before)
            assert len(page["messages"]) <= 2
            found = keys(page) + found
            before = {"before": page["next_before"]}
        assert found == expected
    for wrong in ({"limit": 0}, {"limit": MOST_SHOWN + 1}, {"before": 0}):
        assert own_client.get("/v1/citizens/c-li/inbox", params=wrong).status_code == 422


@pytest.mark.parametrize("scope", ["*", "c-li-car", "theme:transport"])
def test_a_proxy_sees_what_was_granted_and_nothing_delicate(own_client: TestClient, scope: str) -> None:
    car = {"item": SERVICE, "scope_item": "c-li-car"}
    told(
        own_client,
        message("car", **car),
        message("self", item="cs-dog-annual", scope_item="c-li"),
        message("notice"),
        message("secret", delicate=True, **car),
    )
    row = {"subject": "c-wang", "other": "c-li", "kind": "proxy", "scope": scope}
    with writing(parts_of(own_client).engine) as connection:
        connection.execute(insert(relation).values(**row))
    proxy = {"authorization": f"Bearer {token_of(own_client.app, 'citizen:c-wang')}"}
    seen = own_client.get("/v1/citizens/c-li/inbox", headers=proxy)
    assert seen.status_code == 200, seen.text
    assert "secret" not in seen.text
    assert ("notice" in keys(seen.json())) == (scope == "*")
    assert "car" in keys(seen.json())
    assert seen.json()["hidden"] >= 1
    id_ = seen.json()["messages"][0]["id"]
    assert own_client.post(f"/v1/citizens/c-li/inbox/{id_}/dismiss", headers=proxy).status_code == 404
    assert own_client.get("/v1/citizens/c-li/contacts", headers=proxy).status_code == 404


def test_an_address_is_confirmed_by_its_code(own_client: TestClient) -> None:
    base = "/v1/citizens/c-li/contacts"
    assert own_client.get(base).json() == {"contacts": []}
    wrong = own_client.post(base, json={"channel": "email", "address": "nobody"})
    assert wrong.status_code == 422
    assert "nobody" not in wrong.text
    sent = own_client.post(base, json={"channel": "email", "address": "li@example.cn"})
    assert sent.status_code == 200, sent.text
    again = own_client.post(base, json={"channel": "email", "address": "li@example.cn"})
    assert (again.status_code, "Retry-After" in again.headers) == (429, True)
    [waiting] = own_client.get(base).json()["contacts"]
    assert (waiting["address"], waiting["verified_at"]) == ("l***@example.cn", None)
    code = code_sent(own_client)
    bad = "000000" if code != "000000" else "111111"
    assert own_client.post(f"{base}/email/verification", json={"code": bad}).status_code == 422
    [known] = own_client.post(f"{base}/email/verification", json={"code": code}).json()["contacts"]
    assert known["verified_at"] is not None
    with reading(parts_of(own_client).engine) as connection:
        assert not choices_of(connection, "c-li").wants_any("email"), "an address alone is no wish"
        written_down = str(connection.execute(select(audit.c.detail)).all())
    assert code not in written_down
    assert "example" not in written_down
    assert own_client.delete(f"{base}/email").status_code == 200
    assert own_client.get(base).json() == {"contacts": []}


def code_sent(client: TestClient) -> str:
    parts = parts_of(client)
    with reading(parts.engine) as connection:
        row = connection.execute(select(outbox).where(outbox.c.state == "pending")).one()
        goes = destination(connection, parts.secrets, row.id, row.created_at)
    assert goes is not None
    assert goes.code is not None
    return goes.code


def test_pace_is_chosen_and_kept(own_client: TestClient) -> None:
    base = "/v1/enterprises/e-soft/pace"
    assert own_client.get(base).json() == {
        "most_a_day": 3,
        "quiet_from": "22:00",
        "quiet_until": "08:00",
        "digest": "none",
    }
    chosen = {"most_a_day": 1, "quiet_from": "18:30", "quiet_until": "09:00", "digest": "weekly"}
    assert own_client.put(base, json=chosen).json() == chosen
    assert own_client.get(base).json() == chosen
    for wrong in ({"most_a_day": 0}, {"quiet_from": "24:00"}, {"digest": "hourly"}):
        assert own_client.put(base, json={**chosen, **wrong}).status_code == 422


def test_what_is_followed(own_client: TestClient) -> None:
    base = "/v1/citizens/c-li/subscriptions"
    put = own_client.put(f"{base}/item/{SERVICE}", json={"lead_days": [30, 7]})
    assert put.status_code == 200, put.text
    assert put.json()["subscriptions"][0]["lead_days"] == [30, 7]
    assert own_client.put(f"{base}/theme/transport", json={"lead_days": []}).status_code == 200
    for wrong, body in (
        ("item/es-annual-report", {"lead_days": []}),
        ("item/nothing", {"lead_days": []}),
        ("theme/nothing", {"lead_days": []}),
        (f"item/{SERVICE}", {"lead_days": [5]}),
        (f"item/{SERVICE}", {"lead_days": [7, 30]}),
        ("service/x", {"lead_days": []}),
    ):
        assert own_client.put(f"{base}/{wrong}", json=body).status_code == 422, wrong
    assert own_client.delete(f"{base}/item/{SERVICE}").json() == {"changed": 1}
    assert own_client.delete(f"{base}/item/{SERVICE}").json() == {"changed": 0}
    assert [one["target"] for one in own_client.get(base).json()["subscriptions"]] == ["transport"]


def test_one_tap_ends_it_without_signing_in(own_client: TestClient) -> None:
    parts = parts_of(own_client)
    link = f"/unsubscribe/{pushed(own_client)}"
    nobody = {"cookie": "nothing=0"}
    looked = own_client.get(link, headers=nobody)
    assert looked.status_code == 200
    assert "c-li" not in looked.text
    with reading(parts.engine) as connection:
        assert choices_of(connection, "c-li").wanted("transport", "email"), "looking ends nothing"
    one_click = {"List-Unsubscribe": "One-Click"}
    done = own_client.post(link, data=one_click, headers=nobody, follow_redirects=False)
    assert done.status_code == 200, "mail programs do not follow redirects"
    with reading(parts.engine) as connection:
        assert not choices_of(connection, "c-li").wanted("transport", "email")
        assert choices_of(connection, "c-li").wanted("tax", "email")
        states = connection.execute(select(outbox.c.state)).scalars().all()
    assert states == ["cancelled"]
    assert own_client.post(link, data=one_click, headers=nobody).status_code == 200
    assert own_client.post("/unsubscribe/made-up", data=one_click, headers=nobody).status_code == 404
    assert own_client.get("/unsubscribe/made-up", headers=nobody).status_code == 404


def pushed(client: TestClient) -> str:
    """The word of a push that waits to go to c-li by mail."""
    parts = parts_of(client)
    sent = client.post("/v1/citizens/c-li/contacts", json={"channel": "email", "address": "li@example.cn"})
    assert sent.status_code == 200
    code = {"code": code_sent(client)}
    assert client.post("/v1/citizens/c-li/contacts/email/verification", json=code).status_code == 200
    with writing(parts.engine) as connection:
        connection.execute(outbox.delete())
        choose_reminders(connection, "c-li", EVERY_THEME, "email", True, AT)
        tell(connection, [message("a", channels=frozenset({"email"}))], AT)
        push = connection.execute(select(outbox.c.id)).scalar_one()
    return unsubscribe_word(parts.secrets, push)


def test_a_kiosk_takes_no_address_and_shows_nothing_delicate(own_client: TestClient) -> None:
    told(own_client, message("a"), message("secret", delicate=True))
    secret, _ = session_of(own_client.app, "citizen:c-li", "kiosk")
    screen = {"cookie": f"{SESSION}={secret}"}
    seen = own_client.get("/v1/citizens/c-li/inbox", headers=screen)
    assert (keys(seen.json()), seen.json()["hidden"]) == (["a"], 1)
    assert own_client.get("/v1/citizens/c-li/contacts", headers=screen).status_code == 403
