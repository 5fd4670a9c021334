"""Somebody sees where they are signed in, and ends any of it; nobody ends another's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading
from records.tables import audit
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of, token_of

LI, WANG = "citizen:c-li", "citizen:c-wang"


@pytest.fixture
def counter(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("sessions"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def bearer(client: TestClient, persona: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token_of(client.app, persona)}"}


def cookie(secret: str) -> dict[str, str]:
    return {"cookie": f"{SESSION}={secret}"}


def handles(client: TestClient, persona: str) -> list[str]:
    told = client.get("/v1/sessions", headers=bearer(client, persona))
    assert told.status_code == 200, told.text
    return [one["handle"] for one in told.json()["sessions"]]


def is_in(client: TestClient, secret: str) -> bool:
    return client.get("/account", headers=cookie(secret)).status_code == 200


def test_one_session_ends_and_the_others_go_on(counter: TestClient) -> None:
    (here, form), (there, _) = session_of(counter.app, LI), session_of(counter.app, LI)
    page = counter.get("/account", headers=cookie(here))
    shown = re.findall(r'name="handle" value="([0-9a-f]+)"', page.text)
    assert sorted(shown) == sorted(handles(counter, LI))
    assert len(shown) == 2
    assert here not in page.text
    (other,) = [one for one in shown if one not in _own(page.text)]
    ended = counter.post(
        "/account/sessions/end", data={"handle": other, "form_token": form}, headers=cookie(here)
    )
    assert ended.status_code == 303
    assert (is_in(counter, here), is_in(counter, there)) == (True, False)
    with reading(counter.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        rows = connection.execute(select(audit).where(audit.c.action == "sessions-ended")).all()
    assert [row.detail for row in rows] == [{"ended": 1}]


def _own(text: str) -> list[str]:
    """The handle of the session that reads the page."""
    forms = re.findall(
        r'<form class="act" method="post" action="/account/sessions/end">.*?</form>', text, re.S
    )
    own = [form for form in forms if "<strong>" in form]
    return re.findall(r'name="handle" value="([0-9a-f]+)"', "".join(own))


def test_all_the_others_end_at_once(counter: TestClient) -> None:
    (here, form), *others = [session_of(counter.app, LI) for _ in range(3)]
    stranger, _ = session_of(counter.app, WANG)
    done = counter.post("/account/sessions/end-others", data={"form_token": form}, headers=cookie(here))
    assert done.status_code == 303
    assert is_in(counter, here)
    assert not any(is_in(counter, secret) for secret, _ in others)
    assert is_in(counter, stranger)


def test_a_program_of_their_own_ends_one_and_all(counter: TestClient) -> None:
    secrets = [session_of(counter.app, LI)[0] for _ in range(2)]
    one, _ = handles(counter, LI)
    gone = counter.delete(f"/v1/sessions/{one}", headers=bearer(counter, LI))
    assert (gone.status_code, gone.json()) == (200, {"ended": 1})
    assert sum(is_in(counter, secret) for secret in secrets) == 1
    assert counter.delete("/v1/sessions", headers=bearer(counter, LI)).json() == {"ended": 1}
    assert handles(counter, LI) == []


def test_nobody_ends_another_s_session_or_learns_of_it(counter: TestClient) -> None:
    secret, _ = session_of(counter.app, LI)
    (theirs,) = handles(counter, LI)
    refused = counter.delete(f"/v1/sessions/{theirs}", headers=bearer(counter, WANG))
    made_up = counter.delete(f"/v1/sessions/{'0' * 24}", headers=bearer(counter, WANG))
    assert refused.status_code == made_up.status_code == 404
    assert refused.json() | {"instance": ""} == made_up.json() | {"instance": ""}
    mine, form = session_of(counter.app, WANG)
    asked = {"handle": theirs, "form_token": form}
    assert counter.post("/account/sessions/end", data=asked, headers=cookie(mine)).status_code == 422
    assert is_in(counter, secret)


def test_a_shared_screen_does_not_tell_where_else_somebody_is(counter: TestClient) -> None:
    session_of(counter.app, LI)
    secret, _ = session_of(counter.app, LI, "kiosk")
    page = counter.get("/account", headers=cookie(secret))
    assert page.status_code == 200
    assert "/account/sessions" not in page.text
