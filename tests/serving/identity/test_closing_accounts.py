"""Who may put an end to an account: the subject, and of an enterprise its owner or legal representative."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading, writing
from records.tables import relation, subject
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of, token_of

FIRM = "e-bakery"


@pytest.fixture
def counter(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("closing"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def relate(client: TestClient, person: str, other: str, kind: str, scope: str = "*") -> None:
    with writing(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        row = {"subject": person, "other": other, "kind": kind, "scope": scope}
        connection.execute(relation.insert().values(**row))


def bearer(client: TestClient, persona: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token_of(client.app, persona)}"}


def is_there(client: TestClient, id_: str) -> bool:
    with reading(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        return connection.execute(select(subject.c.id).where(subject.c.id == id_)).first() is not None


@pytest.mark.parametrize(("kind", "scope"), [("staff", "*"), ("owner", "theme:tax"), ("proxy", "*")])
def test_who_works_for_a_firm_or_owns_a_part_cannot_close_it(
    counter: TestClient, kind: str, scope: str
) -> None:
    relate(counter, "c-zhao", FIRM, kind, scope)
    headers, path = bearer(counter, "citizen:c-zhao"), f"/v1/enterprises/{FIRM}/privacy/erasure"
    refused = 404 if kind == "proxy" else 403
    assert counter.get(path, headers=headers).status_code == refused
    asked = counter.post(path, json={"confirmation": FIRM}, headers=headers)
    assert asked.status_code == refused
    secret, form = session_of(counter.app, "citizen:c-zhao")
    cookie = {"cookie": f"{SESSION}={secret}"}
    worn = counter.post("/hat", data={"hat": hat(kind, scope), "form_token": form}, headers=cookie)
    assert worn.status_code == 303, worn.text
    cookie = {"cookie": f"{SESSION}={worn.cookies[SESSION]}"}
    assert counter.get(f"/enterprises/{FIRM}/privacy/closing", headers=cookie).status_code == refused
    assert is_there(counter, FIRM)


def hat(kind: str, scope: str) -> str:
    role = "proxy" if kind == "proxy" else "staff"
    return f"{role}|{FIRM}" if scope == "*" else f"{role}|{FIRM}|{scope}"


def test_who_may_not_close_is_not_led_there(counter: TestClient) -> None:
    relate(counter, "c-zhao", FIRM, "staff")
    secret, form = session_of(counter.app, "citizen:c-zhao")
    worn = counter.post(
        "/hat", data={"hat": f"staff|{FIRM}", "form_token": form}, headers={"cookie": f"{SESSION}={secret}"}
    )
    cookie = {"cookie": f"{SESSION}={worn.cookies[SESSION]}"}
    page = counter.get(f"/enterprises/{FIRM}/privacy", headers=cookie)
    assert page.status_code == 200
    assert "/privacy/closing" not in page.text
    own, _ = session_of(counter.app, f"enterprise:{FIRM}")
    theirs = counter.get(f"/enterprises/{FIRM}/privacy", headers={"cookie": f"{SESSION}={own}"})
    assert "/privacy/closing" in theirs.text


@pytest.mark.parametrize("kind", ["owner", "legal_representative"])
def test_an_owner_closes_the_firm_s_account(counter: TestClient, kind: str) -> None:
    relate(counter, "c-zhao", FIRM, kind)
    path, headers = f"/v1/enterprises/{FIRM}/privacy/erasure", bearer(counter, "citizen:c-zhao")
    assert counter.get(path, headers=headers).status_code == 200
    assert counter.post(path, json={"confirmation": FIRM}, headers=headers).status_code == 200
    assert not is_there(counter, FIRM)
    assert is_there(counter, "c-zhao")


def test_a_guardian_of_one_child_decides_nothing_for_the_parent(counter: TestClient) -> None:
    relate(counter, "c-wang", "c-li", "guardian", "c-li-child-1")
    headers = bearer(counter, "citizen:c-wang")
    path = "/v1/citizens/c-li/privacy"
    assert counter.post(f"{path}/erasure", json={"confirmation": "c-li"}, headers=headers).status_code == 403
    off = counter.put(f"{path}/recommendation", json={"personalised": False}, headers=headers)
    assert off.status_code == 403
    assert is_there(counter, "c-li")
