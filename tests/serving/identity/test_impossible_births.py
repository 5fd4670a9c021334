"""A birth that cannot be is known to nobody: it bars no one from signing in, and it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.vocabulary import Scope, SubjectKind
from features.packing import Statement
from features.schema import Value
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.identity.test_forms_and_hats import relate
from tests.serving.signing_in import SESSION, session_of, token_of

AT = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)
TOMORROW = TODAY + dt.timedelta(days=1)
SELF, CHILD = "public-security", "health-insurance-and-health"


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("births"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def say(client: TestClient, scope: Scope, scope_item: str, register: str, told: Mapping[str, Value]) -> None:
    online = client.app.state.parts.desk.profiles.online  # type: ignore[attr-defined]
    assert online.push(SubjectKind.CITIZEN, scope, scope_item, register, Statement(AT, dict(told)))


def homepage(client: TestClient, reader: str, subject: str) -> Any:
    bearer = {"authorization": f"Bearer {token_of(client.app, f'citizen:{reader}')}"}
    return client.get(f"/v1/citizens/{subject}/homepage", headers=bearer)


@pytest.mark.parametrize(("born", "status"), [(TODAY, 403), (TOMORROW, 200), (dt.date(2907, 1, 1), 200)])
def test_who_was_born_after_today_signs_in_and_is_told_so(
    office: TestClient, born: dt.date, status: int
) -> None:
    say(office, Scope.SELF, "c-zhao", SELF, {"birth_date": born})
    answer = homepage(office, "c-zhao", "c-zhao")
    assert answer.status_code == status, answer.text
    if status == 200:
        assert [one["en"] for one in answer.json()["contradictions"]] == ["Born after today"]


def test_the_page_of_who_was_born_after_today_is_theirs(office: TestClient) -> None:
    say(office, Scope.SELF, "c-zhao", SELF, {"birth_date": TOMORROW})
    secret, _ = session_of(office.app, "citizen:c-zhao")
    page = office.get("/citizens/c-zhao", headers={"cookie": f"{SESSION}={secret}"})
    assert page.status_code == 200
    assert "出生日期晚于今天" in page.text


def test_a_guardian_stays_one_while_the_register_says_what_cannot_be(office: TestClient) -> None:
    relate(office, "c-li", "c-zhao", "guardian")
    assert homepage(office, "c-li", "c-zhao").status_code == 404, "who is of age has no guardian"
    say(office, Scope.SELF, "c-zhao", SELF, {"birth_date": TOMORROW})
    assert homepage(office, "c-li", "c-zhao").status_code == 200


def test_a_child_not_born_yet_is_nobody_to_act_for(office: TestClient) -> None:
    secret, token = session_of(office.app, "citizen:c-li")
    say(office, Scope.CHILD, "c-li-child-1", CHILD, {"child_birth_date": TOMORROW})
    hat = {"hat": "guardian|c-li|c-li-child-1", "form_token": token}
    assert office.post("/hat", data=hat, headers={"cookie": f"{SESSION}={secret}"}).status_code == 422
