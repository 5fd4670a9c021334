"""Operators, data scientists and auditors begin on a page of their own, which is about nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select
from typer.testing import CliRunner

from commands.main import app as command_line
from records.database import reading, writing
from records.tables import audit, privacy_request
from serving.app import create_app
from serving.identity.actor import Role
from serving.identity.home import HOMES
from serving.pages.office_context import COMMANDS
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of

AT = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
OFFICES = [role for role in HOMES if role is not Role.AGENT]


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("offices"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def read(client: TestClient, role: Role, language: str = "zh") -> str:
    secret, _ = session_of(client.app, f"official:{role.value}")
    page = client.get(f"{HOMES[role]}?lang={language}", headers={"cookie": f"{SESSION}={secret}"})
    client.cookies.clear()
    assert page.status_code == 200, page.text
    return str(page.text)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", OFFICES)
def test_the_page_says_what_the_office_may_and_may_not(
    building: TestClient, role: Role, language: str
) -> None:
    text = read(building, role, language)
    words = building.app.state.words[language]  # type: ignore[attr-defined]
    assert words(f"office.{role.value}.title") in text
    assert all(words(f"office.{role.value}.may.{n}") in text for n in (1, 2, 3))
    assert all(words(f"office.{role.value}.never.{n}") in text for n in (1, 2))
    assert "c-li" not in text
    assert "小满" not in text


@pytest.mark.parametrize("role", OFFICES)
def test_every_link_leads_somewhere_and_every_command_is_there(building: TestClient, role: Role) -> None:
    secret, _ = session_of(building.app, f"official:{role.value}")
    main = re.search(r"<main.*?</main>", read(building, role), re.S)
    assert main is not None
    links = re.findall(r'href="(/[^"]*)"', main[0])
    assert links
    for link in links:
        answer = building.get(link, headers={"cookie": f"{SESSION}={secret}"})
        assert answer.status_code == 200, link
    for command in COMMANDS[role]:
        assert CliRunner().invoke(command_line, [*command.split(), "--help"]).exit_code == 0, command


@pytest.mark.parametrize("role", OFFICES)
def test_an_office_is_led_to_its_own_page_and_no_other(building: TestClient, role: Role) -> None:
    secret, form = session_of(building.app, f"official:{role.value}")
    cookie = {"cookie": f"{SESSION}={secret}"}
    for other in OFFICES:
        expected = 200 if other is role else 403
        assert building.get(HOMES[other], headers=cookie).status_code == expected
    worn = building.post("/hat", data={"hat": f"{role.value}|", "form_token": form}, headers=cookie)
    assert worn.headers["location"] == HOMES[role]
    building.cookies.clear()


def test_an_operator_is_not_told_how_few_ask(building: TestClient) -> None:
    def ask(first: int, count: int, due: dt.date = dt.date(2026, 12, 30)) -> None:
        row = {"subject": "c-li", "kind": "copy", "capacity": "self", "state": "open", "said": "x"}
        row |= {"opened_at": AT, "due_on": due, "provisional": False}  # type: ignore[dict-item]
        with writing(building.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
            for number in range(first, first + count):
                connection.execute(insert(privacy_request).values(id=f"r-{number}", **row))

    def told() -> list[str]:
        return re.findall(r"<dd>\s*(不足 10|\d+ 余)\s*</dd>", read(building, Role.OPERATOR))

    assert told() == ["不足 10", "不足 10"], "nor whether anybody asks at all"
    ask(0, 3)
    assert told() == ["不足 10", "不足 10"]
    ask(3, 9)
    assert told() == ["10 余", "不足 10"]
    ask(12, 16, dt.date(2026, 1, 5))
    assert told() == ["20 余", "10 余"], "28 and 16, of which twelve would be the rest"


def test_whoever_reads_the_audit_is_in_it_before_they_see_it(building: TestClient) -> None:
    read(building, Role.AUDITOR)
    text = read(building, Role.AUDITOR)
    assert "audit.shown" in text
    with reading(building.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        shown = connection.execute(select(audit.c.role).where(audit.c.action == "audit.shown")).scalars()
        assert set(shown) == {"auditor"}
