"""Forms that change something come from this session's own pages; hats are worn one at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading, writing
from records.departures import Departure, record_departure
from records.grants import grant_proxy, show_delicate
from records.tables import audit, relation
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of, token_of

AT = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
ON = AT.date()


@pytest.fixture
def app_client(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """A browser at a server of the test's own."""
    own = copy_of(untouched, tmp_path_factory.mktemp("hats"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def cookie(secret: str) -> dict[str, str]:
    return {"cookie": f"{SESSION}={secret}"}


def relate(
    client: TestClient, subject: str, other: str, kind: str, scope: str = "*", until: dt.date | None = None
) -> None:
    with writing(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        row = {"subject": subject, "other": other, "kind": kind, "scope": scope, "valid_to": until}
        connection.execute(relation.insert().values(**row))


def wear(client: TestClient, persona: str, hat: str) -> str:
    """Put on a hat; the new secret."""
    secret, token = session_of(client.app, persona)
    changed = client.post("/hat", data={"hat": hat, "form_token": token}, headers=cookie(secret))
    assert changed.status_code == 303, changed.text
    fresh = str(changed.cookies[SESSION])
    client.cookies.clear()
    assert fresh != secret
    assert client.get("/account", headers=cookie(secret)).status_code == 303, "the old secret is void"
    return fresh


@pytest.mark.parametrize("token", [None, "made-up", "another"])
def test_a_form_without_the_session_s_own_token_changes_nothing(
    app_client: TestClient, token: str | None
) -> None:
    secret, _ = session_of(app_client.app, "citizen:c-li")
    if token == "another":
        _, token = session_of(app_client.app, "citizen:c-li")
    sent = {} if token is None else {"form_token": token}
    refused = app_client.post("/account/code", data=sent, headers=cookie(secret))
    assert refused.status_code == 403
    assert app_client.post("/logout", data=sent, headers=cookie(secret)).status_code == 403
    assert app_client.get("/account", headers=cookie(secret)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_a_form_sent_by_another_site_is_refused_even_with_the_token(
    app_client: TestClient, headers: dict[str, str]
) -> None:
    secret, token = session_of(app_client.app, "citizen:c-li")
    refused = app_client.post(
        "/account/code", data={"form_token": token}, headers={**cookie(secret), **headers}
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin", "origin": "null"}, {"origin": ADDRESS}]
)
def test_a_form_of_our_own_page_is_taken(app_client: TestClient, headers: dict[str, str]) -> None:
    secret, token = session_of(app_client.app, "citizen:c-li")
    taken = app_client.post(
        "/account/code", data={"form_token": token}, headers={**cookie(secret), **headers}
    )
    assert taken.status_code == 200


def test_a_firm_s_page_is_its_staff_s_other_hat(app_client: TestClient) -> None:
    relate(app_client, "c-li", "e-soft", "legal_representative")
    secret, _ = session_of(app_client.app, "citizen:c-li")
    other = app_client.get("/enterprises/e-soft", headers=cookie(secret))
    assert other.status_code == 403
    assert "另一个身份" in other.text
    secret = wear(app_client, "citizen:c-li", "staff|e-soft")
    assert app_client.get("/enterprises/e-soft", headers=cookie(secret)).status_code == 200
    assert app_client.get("/citizens/c-li", headers=cookie(secret)).status_code == 403
    assert app_client.get("/enterprises/e-bakery", headers=cookie(secret)).status_code == 404


def test_a_hat_that_is_nobody_s_cannot_be_put_on(app_client: TestClient) -> None:
    secret, token = session_of(app_client.app, "citizen:c-li")
    for hat in ("staff|e-soft", "operator|", "citizen|c-wang"):
        refused = app_client.post("/hat", data={"hat": hat, "form_token": token}, headers=cookie(secret))
        assert refused.status_code == 422


def test_a_child_under_fourteen_is_a_hat_of_its_own_and_narrows_the_page(app_client: TestClient) -> None:
    secret = wear(app_client, "citizen:c-li", "guardian|c-li|c-li-child-1")
    text = app_client.get("/citizens/c-li", headers=cookie(secret)).text.split("<main")[1]
    assert "小满" in text
    assert "小雨" not in text
    assert "京A·D1234" not in text


def test_a_proxy_sees_what_was_granted_and_nothing_delicate(app_client: TestClient) -> None:
    with writing(app_client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        grant_proxy(connection, "c-wang", "c-li", None, dt.date(2027, 1, 1), ON)
    bearer = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-li')}"}
    own = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-wang')}"}
    path = "/v1/citizens/c-wang/homepage"

    def items(headers: dict[str, str]) -> set[str]:
        page = app_client.get(path, headers=headers).json()
        return {
            entry["item"]
            for standing in ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done")
            for entry in page[standing]
        }

    catalogue = app_client.app.state.parts.catalogue  # type: ignore[attr-defined]
    seen, whole = items(bearer), items(own)
    assert seen < whole
    assert all(catalogue.items[item].delicacy == "normal" for item in seen)
    hidden = next(item for item in sorted(whole - seen))
    assert app_client.get(f"/v1/citizens/c-wang/assessments/{hidden}", headers=bearer).status_code == 403
    assert app_client.get(f"/v1/citizens/c-wang/assessments/{hidden}", headers=own).status_code == 200
    reminded = app_client.get("/v1/citizens/c-wang/reminders", headers=bearer).json()["reminders"]
    assert {one["item"] for one in reminded} <= seen
    with writing(app_client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        show_delicate(connection, "c-wang", "proxy", True, AT)
    assert items(bearer) == whole, "the subject asked for it"


def test_a_proxy_for_one_theme_reaches_no_other_and_ends_with_its_day(app_client: TestClient) -> None:
    parts = app_client.app.state.parts  # type: ignore[attr-defined]
    with writing(parts.engine) as connection:
        grant_proxy(connection, "c-wang", "c-li", "theme:social-security", ON, ON)
    bearer = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-li')}"}
    page = app_client.get("/v1/citizens/c-wang/homepage", headers=bearer)
    assert page.status_code == 200
    for standing in ("should_do", "can_do", "upcoming", "needs_information"):
        for entry in page.json()[standing]:
            assert parts.catalogue.items[entry["item"]].theme == "social-security"
    with writing(parts.engine) as connection:
        connection.execute(relation.update().values(valid_from=None, valid_to=ON - dt.timedelta(days=1)))
    assert app_client.get("/v1/citizens/c-wang/homepage", headers=bearer).status_code == 404


def test_what_anyone_but_the_subject_sees_is_recorded_first(app_client: TestClient) -> None:
    relate(app_client, "c-li", "c-wang", "proxy")
    bearer = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-li')}"}
    assert app_client.get("/v1/citizens/c-wang/homepage", headers=bearer).status_code == 200
    assert app_client.get("/v1/citizens/c-zhao/homepage", headers=bearer).status_code == 404
    with reading(app_client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        rows = connection.execute(select(audit).order_by(audit.c.sequence)).all()
    read, refused = rows[-2:]
    assert (read.role, read.action, read.purpose) == ("proxy", "read", "assess")
    assert read.subject_token is not None
    assert refused.action == "refused"
    assert refused.subject_token is None
    assert "c-zhao" not in repr(refused)


def test_the_dead_are_read_by_near_relatives_alone(app_client: TestClient) -> None:
    relate(app_client, "c-li", "c-wang", "parent")
    bearer = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-li')}"}
    assert app_client.get("/v1/citizens/c-wang/homepage", headers=bearer).status_code == 404
    with writing(app_client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        record_departure(connection, "c-wang", Departure("death", ON), AT)
    assert app_client.get("/v1/citizens/c-wang/homepage", headers=bearer).status_code == 200
    what_if = {
        "kind": "citizen",
        "subject": "c-wang",
        "changes": [{"scope_item": "c-wang", "attributes": {}}],
    }
    assert app_client.post("/v1/what-if", json=what_if, headers=bearer).status_code in (403, 422)
    dead = {"authorization": f"Bearer {token_of(app_client.app, 'citizen:c-wang')}"}
    assert app_client.get("/v1/citizens/c-wang/homepage", headers=dead).status_code == 403


def test_a_kiosk_hides_what_is_delicate_and_keeps_nothing(app_client: TestClient) -> None:
    secret, token = session_of(app_client.app, "citizen:c-wang", "kiosk")
    own, _ = session_of(app_client.app, "citizen:c-wang")
    there = " ".join(app_client.get("/citizens/c-wang/items", headers=cookie(secret)).text.split())
    whole = app_client.get("/citizens/c-wang/items", headers=cookie(own)).text
    assert there.count("<article") < whole.count("<article")
    assert '<details class="reason">' not in there
    assert 'http-equiv="refresh" content="180;url=/kiosk"' in there
    out = app_client.get("/kiosk", headers=cookie(secret))
    assert out.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert app_client.get("/citizens/c-wang", headers=cookie(secret)).status_code == 303
    assert token
