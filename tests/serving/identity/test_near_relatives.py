"""Every route about a citizen, asked by the spouse of one who died: they read, copy, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from records.database import reading, writing
from records.grants import show_delicate
from records.sessions import digest_of
from records.tables import METADATA
from serving.app import create_app
from serving.identity.access import Access
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.identity.test_every_route import ABOUT, address, ask
from tests.serving.near_relatives import AT, HELD, LATE, LEFT, bury
from tests.serving.signing_in import SESSION, session_of, token_of

ROUTES = [one for one in ABOUT if one.values[2].kind == "citizen"]  # type: ignore[union-attr]
NOTED = frozenset({"audit", "audit_head", "audit_key", "audit_view", "session", "login", "rate"})
"""What is written of whoever asks, whatever they ask."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("house")).model_copy(
        update={"rate_limit_factor": 1_000_000}
    )
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        bury(client.app)
        client.__dict__["_worn"] = wear(client)
        yield client


def wear(client: TestClient) -> tuple[str, str]:
    """The cookie and form token of the spouse's session in the late one's affairs."""
    secret, form = session_of(client.app, f"citizen:{LEFT}")
    worn = client.post(
        "/hat",
        data={"hat": f"near_relative|{LATE}", "form_token": form},
        headers={"cookie": f"{SESSION}={secret}"},
    )
    assert worn.status_code == 303, worn.text
    secret = worn.cookies[SESSION]
    client.cookies.clear()
    with reading(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        sessions = METADATA.tables["session"]
        form = connection.execute(
            select(sessions.c.form_token).where(sessions.c.digest == digest_of(secret))
        ).scalar_one()
    return secret, form


def asked(client: TestClient, method: str, path: str) -> Any:
    if path.startswith("/v1/"):
        headers = {"authorization": f"Bearer {token_of(client.app, f'citizen:{LEFT}')}"}
    else:
        secret, form = client.__dict__["_worn"]
        headers = {"cookie": f"{SESSION}={secret}"} | ({} if method == "GET" else {"x-form-token": form})
    return ask(client, method, address(path, LATE), headers)


def rows(client: TestClient) -> dict[str, int]:
    with reading(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
            if name not in NOTED
        }


@pytest.mark.parametrize(("method", "path", "access"), ROUTES)
def test_they_read_and_change_nothing(house: TestClient, method: str, path: str, access: Access) -> None:
    before = rows(house)
    answer = asked(house, method, path)
    assert answer.status_code < 500, answer.text
    if method != "GET":
        assert answer.status_code in (403, 404, 422)
        assert rows(house) == before


@pytest.mark.parametrize("path", ["/v1/citizens/{id}/privacy/data", "/citizens/{id}/privacy/data"])
def test_they_see_what_was_held(house: TestClient, path: str) -> None:
    answer = asked(house, "GET", path)
    assert answer.status_code == 200, answer.text
    assert HELD in answer.text


def test_unless_the_one_who_died_had_arranged_otherwise(house: TestClient) -> None:
    engine = house.app.state.parts.engine  # type: ignore[attr-defined]
    with writing(engine) as connection:
        show_delicate(connection, LATE, "proxy", False, AT)
    try:
        answer = asked(house, "GET", "/v1/citizens/{id}/privacy/data")
        assert answer.status_code == 403
        assert HELD not in answer.text
    finally:
        with writing(engine) as connection:
            connection.execute(METADATA.tables["discretion"].delete())


def test_nor_on_a_shared_screen(house: TestClient) -> None:
    secret, form = session_of(house.app, f"citizen:{LEFT}", "kiosk")
    worn = house.post(
        "/hat",
        data={"hat": f"near_relative|{LATE}", "form_token": form},
        headers={"cookie": f"{SESSION}={secret}"},
    )
    headers = {"cookie": f"{SESSION}={worn.cookies[SESSION]}"}
    house.cookies.clear()
    assert ask(house, "GET", address("/citizens/{id}/privacy/data", LATE), headers).status_code == 403


def test_of_the_living_a_spouse_reaches_nothing(
    tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings
) -> None:
    own = copy_of(untouched, tmp_path_factory.mktemp("living"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        bury(client.app, dead=False)
        answer = asked(client, "GET", "/v1/citizens/{id}/privacy/data")
        assert answer.status_code == 404
        assert HELD not in answer.text
