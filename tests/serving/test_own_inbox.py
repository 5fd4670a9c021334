"""`/v1/inbox`: one's own inbox page by page, newest first, and nobody else's."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import insert

from records.database import writing
from records.tables import relation
from records.telling import untell
from serving.inbox.sight import MOST_SHOWN
from tests.serving.signing_in import SESSION, session_of, token_of
from tests.serving.test_inbox_api import AT, SERVICE, keys, message, parts_of, told

MINE: dict[str, Any] = {"subject": "citizen:c-li"}


def own(client: TestClient, headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
    answer = client.get("/v1/inbox", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def close(client: TestClient, *ended: str) -> None:
    with writing(parts_of(client).engine) as connection:
        untell(connection, "c-li", set(ended), AT, "done")


def test_it_is_read_page_by_page_from_the_newest_on(own_client: TestClient) -> None:
    told(own_client, *(message(f"{n:02}") for n in range(7)), message("theirs", "c-wang"))
    seen: list[str] = []
    before: dict[str, Any] = {}
    for expected in (3, 3, 1):
        body = own(own_client, limit=3, **MINE, **before)
        assert (len(body["messages"]), body["unread"]) == (expected, 7)
        seen += keys(body)
        before = {"before": body["next_before"]}
    assert seen == [f"{n:02}" for n in reversed(range(7))]
    assert before == {"before": None}


def test_what_is_open_and_what_is_over_are_apart(own_client: TestClient) -> None:
    told(own_client, message("a"), message("b"), message("c"))
    close(own_client, "b")
    assert keys(own(own_client, **MINE)) == ["c", "a"]
    over = own(own_client, state="closed", **MINE)
    assert (keys(over), over["unread"]) == (["b"], 2)
    assert over["messages"][0]["closed_because"] == "done"
    assert own_client.get("/v1/inbox", params={"state": "all", **MINE}).status_code == 422
    for wrong in ({"limit": 0}, {"limit": 101}, {"before": 0}):
        assert own_client.get("/v1/inbox", params={**wrong, **MINE}).status_code == 422


def test_a_message_has_what_the_page_shows(own_client: TestClient) -> None:
    told(
        own_client,
        message("car", item=SERVICE, scope_item="c-li-car", missing=("m-id-card",)),
        message("news", kind="invitation"),
    )
    news, car = own(own_client, **MINE)["messages"]
    page = own_client.get("/citizens/c-li/inbox").text.replace("&amp;", "&")
    assert car["page"] in page
    assert car["whose"] in page
    assert [paper["id"] for paper in car["papers"]] == ["m-id-card"]
    assert car["papers"][0]["names"]["zh"] in page
    assert (news["page"], news["whose"]) == ("/citizens/c-li/invitations", None)


def test_it_is_that_of_the_hat(own_client: TestClient) -> None:
    told(own_client, message("mine"), message("theirs", "c-wang"), message("firm", "e-soft"))
    token = {"authorization": f"Bearer {token_of(own_client.app, 'citizen:c-wang')}"}
    assert keys(own(own_client, token, subject="citizen:c-wang")) == ["theirs"]
    assert own_client.get("/v1/inbox", params=MINE, headers=token).status_code == 404
    secret, _ = session_of(own_client.app, "citizen:c-wang")
    worn = own(own_client, {"cookie": f"{SESSION}={secret}"})
    assert (worn["subject"], keys(worn)) == ("c-wang", ["theirs"])


def test_what_is_kept_back_leaves_no_hole_in_a_page(own_client: TestClient) -> None:
    car = {"item": SERVICE, "scope_item": "c-li-car"}
    told(
        own_client,
        *(message(f"{n:02}", **car, delicate=n % 2 == 0) for n in range(1, 12)),
        message("notice"),
    )
    row = {"subject": "c-wang", "other": "c-li", "kind": "proxy", "scope": "c-li-car"}
    with writing(parts_of(own_client).engine) as connection:
        connection.execute(insert(relation).values(**row))
    proxy = {"authorization": f"Bearer {token_of(own_client.app, 'citizen:c-wang')}"}
    first = own(own_client, proxy, limit=4, **MINE)
    assert (keys(first), first["hidden"], first["unread"]) == (["11", "09", "07", "05"], 6, 6)
    rest = own(own_client, proxy, limit=4, before=first["next_before"], **MINE)
    assert (keys(rest), rest["next_before"]) == (["03", "01"], None)


def test_the_unread_are_counted_beyond_one_answer(own_client: TestClient) -> None:
    told(own_client, *(message(f"{n:03}") for n in range(MOST_SHOWN + 5)))
    body = own(own_client, limit=1, **MINE)
    assert (body["unread"], body["hidden"]) == (MOST_SHOWN + 5, 0)


def test_nobody_signed_in_has_none(own_client: TestClient) -> None:
    assert own_client.get("/v1/inbox", headers={"cookie": "nothing=0"}).status_code == 401
