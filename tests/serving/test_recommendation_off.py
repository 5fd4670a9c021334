"""Personalised recommendation off: on the next call, one page for all, to the byte."""

from __future__ import annotations

import datetime as dt
import hashlib
import random

import pytest
from fastapi.testclient import TestClient

from records.choices import choose_recommendation
from records.database import open_records, writing
from records.tables import scope_item, subject
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.serving.town import SUBJECTS

AT = dt.datetime(2026, 11, 21, 1, 0, tzinfo=dt.UTC)
FOLDERS = {"citizen": "citizens", "enterprise": "enterprises"}
MORE = 200


@pytest.fixture
def many(own_town: ServingSettings) -> dict[str, list[str]]:
    """The town's subjects and many more with random ids, all of whom switched recommendation off."""
    draw = random.Random(7)  # noqa: S311 - names, not secrets
    ids: dict[str, list[str]] = {"citizen": [], "enterprise": []}
    engine = open_records(own_town)
    with writing(engine) as connection:
        for kind, found in ids.items():
            found += [one["id"] for one in SUBJECTS if one["kind"] == kind]
            for _ in range(MORE):
                made = f"{kind[0]}-{draw.getrandbits(48):x}"
                connection.execute(subject.insert().values(id=made, kind=kind))
                connection.execute(scope_item.insert().values(id=made, scope="self", owner=made))
                found.append(made)
            for each in found:
                choose_recommendation(connection, each, False, AT)
    engine.dispose()
    return ids


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize(
    "choices",
    [
        "lang=en&mode=elder&channel=hall&district=xicheng",
        pytest.param("", marks=pytest.mark.slow),
        pytest.param("channel=hall&district=xicheng", marks=pytest.mark.slow),
    ],
)
def test_the_page_is_the_same_to_the_byte_for_everybody(
    many: dict[str, list[str]], own_client: TestClient, kind: str, choices: str
) -> None:
    seen = set()
    for n, each in enumerate(many[kind]):
        own_client.cookies.clear()
        own_client.cookies.set("anything", str(n))
        answer = own_client.get(f"/{FOLDERS[kind]}/{each}?{choices}")
        assert answer.status_code == 200
        headers = sorted((k, v) for k, v in answer.headers.items() if k not in ("date", "request-id"))
        seen.add(hashlib.sha256(answer.content + repr(headers).encode()).hexdigest())
    assert len(seen) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", FOLDERS)
def test_programs_get_the_same_bytes_for_everybody_too(
    many: dict[str, list[str]], own_client: TestClient, kind: str
) -> None:
    answers = {own_client.get(f"/v1/{FOLDERS[kind]}/{each}/homepage").content for each in many[kind]}
    assert len(answers) == 1
    page = own_client.get(f"/v1/{FOLDERS[kind]}/{many[kind][0]}/homepage").json()
    assert page["personalised"] is False
    assert page["subject"] is None
    assert not any(page[standing] for standing in ("should_do", "can_do", "upcoming", "events", "themes"))
    assert page["general"]["themes"]


def test_it_holds_on_the_next_call_and_ends_on_the_next(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    before = own_client.get("/citizens/c-li").text
    with writing(parts.engine) as connection:
        choose_recommendation(connection, "c-li", False, AT)
    during = own_client.get("/citizens/c-li").text
    assert "小满" in before
    assert "小满" not in during
    assert "c-li" not in during
    with writing(parts.engine) as connection:
        choose_recommendation(connection, "c-li", True, AT)
    assert own_client.get("/citizens/c-li").text == before


def test_duties_can_still_be_asked_for(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    with writing(parts.engine) as connection:
        choose_recommendation(connection, "c-li", False, AT)
    assert 'href="?go=duties"' in own_client.get("/citizens/c-li").text
    asked = own_client.get("/citizens/c-li?go=duties")
    assert asked.url.path == "/citizens/c-li/items"
    assert "小满" in asked.text
    reminders = own_client.get("/v1/citizens/c-li/reminders").json()["reminders"]
    assert reminders
    assert all(one["compulsory"] for one in reminders)


def test_what_is_delicate_is_not_on_the_page_for_all(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    for kind in FOLDERS:
        page = parts.desk.general(parts.catalogue.items["cs-birth-registration"].subject)
        shown = {item for _, items in page.themes for item in items}
        assert shown
        assert all(parts.catalogue.items[item].delicacy == "normal" for item in shown), kind
        assert all(parts.catalogue.items[item].proactive != "search_only" for item in shown), kind
