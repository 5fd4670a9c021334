"""`My data and choices`: plain pages, one step each way, in reach from every homepage."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading
from records.requests import requests_of
from records.tables import consent_question
from serving.parts import Parts

HOMES = ("/citizens/c-li", "/enterprises/e-soft")


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_is_there_without_a_script(client: TestClient, home: str, lang: str) -> None:
    page = client.get(f"{home}/privacy?lang={lang}")
    assert page.status_code == 200
    for section in ("recommendation", "reminders", "tags", "consents", "rights", "complaint"):
        assert f'id="{section}"' in page.text
    assert "<script" not in page.text
    assert client.get(f"{home}/privacy/data?lang={lang}").status_code == 200
    assert client.get(f"{home}/privacy/closing?lang={lang}").status_code == 200


@pytest.mark.parametrize("home", HOMES)
def test_it_is_one_tap_from_the_homepage_and_from_the_page_for_all(own_client: TestClient, home: str) -> None:
    assert f'href="{home}/privacy"' in own_client.get(home).text
    assert f'href="{home}/privacy#complaint"' in own_client.get(home).text
    own_client.post(f"{home}/privacy/recommendation", data={"personalised": "no"})
    assert 'href="?go=privacy"' in own_client.get(home).text
    assert own_client.get(f"{home}?go=privacy").url.path == f"{home}/privacy"


def test_yes_and_no_are_equal_and_nothing_is_ticked(client: TestClient) -> None:
    page = " ".join(client.get("/citizens/c-zhao/privacy").text.split())
    buttons = re.findall(r'<button class="([^"]+)" type="submit" name="granted" value="(yes|no)"', page)
    assert {looks for looks, _ in buttons} == {"button button-equal"}
    assert sum(value == "yes" for _, value in buttons) == sum(value == "no" for _, value in buttons) > 0
    consents = page[page.index('id="consents"') : page.index('id="rights"')]
    assert "checked" not in consents
    assert 'type="checkbox"' not in consents


def test_giving_and_taking_back_is_one_step_on_the_same_page(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    form = {"theme": "health", "purpose": "rank", "text_version": "1.1"}
    for granted in ("no", "yes"):
        answer = own_client.post("/citizens/c-li/privacy/consents", data={**form, "granted": granted})
        assert answer.status_code == 200
        assert answer.url.path == "/citizens/c-li/privacy"
        with reading(parts.engine) as connection:
            said = select(consent_question.c.granted, consent_question.c.text_hash)
            assert connection.execute(said).all()[-1].granted is (granted == "yes")


def test_reminders_are_set_by_channel_and_theme(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    own_client.post("/citizens/c-li/privacy/reminders", data={"channel": "sms", "theme": ["health", "tax"]})
    choices = parts.desk.choices(parts.catalogue.items["cs-hf-rent"].subject, "c-li")
    assert choices.wanted("health", "sms")
    assert not choices.wanted("housing", "sms")
    assert choices.may_tell("housing", "inbox", required=True)
    own_client.post("/citizens/c-li/privacy/reminders", data={"channel": "inbox", "theme": ["tax"]})
    choices = parts.desk.choices(parts.catalogue.items["cs-hf-rent"].subject, "c-li")
    assert choices.may_tell("health", "inbox", required=True), "a duty always reaches the inbox"
    assert not choices.may_tell("health", "inbox", required=False)


def test_a_tag_goes_and_comes_back(own_client: TestClient) -> None:
    gone = own_client.post("/citizens/c-li/privacy/tags", data={"tag": "trait:sex", "wanted": "no"})
    assert '<span class="struck">' in gone.text
    back = own_client.post("/citizens/c-li/privacy/tags", data={"tag": "trait:sex", "wanted": "yes"})
    assert '<span class="struck">' not in back.text


def test_a_complaint_has_a_clock_and_is_listed(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    form = {"kind": "complaint", "said": "推荐不准 <b>"}
    page = own_client.post("/citizens/c-li/privacy/requests", data=form)
    assert "推荐不准 &lt;b&gt;" in page.text
    with reading(parts.engine) as connection:
        asked = requests_of(connection, "c-li")
    assert [(one.kind, one.state, one.due_on.isoformat()) for one in asked] == [
        ("complaint", "open", "2026-12-11")
    ]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("recommendation", {"personalised": "perhaps"}),
        ("reminders", {"channel": "pigeon"}),
        ("reminders", {"channel": "sms", "theme": ["no-such"]}),
        ("tags", {"tag": "trait:star_sign", "wanted": "no"}),
        ("consents", {"purpose": "spy", "theme": "health", "granted": "yes"}),
        ("requests", {"kind": "complaint", "said": "   "}),
        ("closing", {"confirmation": "c-wang"}),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing_and_says_so(
    client: TestClient, path: str, form: dict[str, str]
) -> None:
    assert client.post(f"/citizens/c-li/privacy/{path}", data=form).status_code == 422


def test_an_account_is_closed_on_a_page_and_the_receipt_names_nobody(own_client: TestClient) -> None:
    page = " ".join(own_client.get("/citizens/c-li/privacy/closing").text.split())
    assert 'name="confirmation" value="c-li"' in page
    done = own_client.post("/citizens/c-li/privacy/closing", data={"confirmation": "c-li"})
    assert done.status_code == 200
    assert "c-li" not in done.text
    assert own_client.get("/citizens/c-li", headers={"cookie": "x=y"}).status_code in (200, 401)


def test_nobody_decides_for_another(own_client: TestClient) -> None:
    own_client.get("/citizens/c-wang/privacy")
    token = own_client._credentials("GET", "/v1/citizens/c-wang/x", {})["authorization"]  # type: ignore[attr-defined]
    for path in ("choices", "tags", "consents", "data", "requests", "erasure"):
        refused = own_client.get(f"/v1/citizens/c-li/privacy/{path}", headers={"authorization": token})
        nobody = own_client.get(f"/v1/citizens/c-nobody/privacy/{path}", headers={"authorization": token})
        assert refused.status_code == nobody.status_code == 404


def test_a_homepage_asks_for_a_consent_once_in_thirty_days(own_client: TestClient) -> None:
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]

    def noted() -> int:
        with reading(parts.engine) as connection:
            return len(connection.execute(select(consent_question.c.theme)).all())

    seen = []
    for _ in range(12):
        own_client.get("/citizens/c-zhao")
        seen.append(noted())
    assert seen[-1] == seen[-2], "each theme is asked for once, and then there is rest"
    with reading(parts.engine) as connection:
        themes = connection.execute(select(consent_question.c.theme)).scalars().all()
    assert len(themes) == len(set(themes))


def test_the_theme_that_was_decided_on_stands_open(own_client: TestClient) -> None:
    form = {"theme": "health", "purpose": "rank", "granted": "no"}
    page = own_client.post("/citizens/c-li/privacy/consents", data=form)
    assert 'id="theme-health" open' in page.text
    assert page.url.fragment in ("", "theme-health")
