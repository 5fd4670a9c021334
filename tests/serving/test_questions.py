"""The next best question, seen by programs and by people, and an answer tried on a page."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from serving.api.questions import QuestionsSchema
from tests.serving.town import SUBJECTS

FOLDERS = {"citizen": "citizens", "enterprise": "enterprises"}
TRY_FORM = re.compile(
    r'<form class="try" action="([^"]+)"[^>]*>\s*<input type="hidden"\s+name="scope_item"\s+value="([^"]+)">'
    r'\s*<input type="hidden"\s+name="attribute"\s+value="([^"]+)">(?:(?!</form>).)*<option value="true"',
    re.DOTALL,
)
HOMES = [f"/{FOLDERS[one['kind']]}/{one['id']}" for one in SUBJECTS]


@pytest.mark.parametrize("home", HOMES)
def test_every_question_decides_or_helps_with_something_the_page_cannot_tell(
    client: TestClient, home: str
) -> None:
    open_lines = {
        (entry["item"], entry["scope_item"])
        for section in ("needs_information", "should_do")
        for entry in client.get(f"/v1{home}/homepage").json()[section]
    }
    asked = QuestionsSchema.model_validate_json(client.get(f"/v1{home}/questions").content)
    assert [q.worth for q in asked.questions] == sorted((q.worth for q in asked.questions), reverse=True)
    for question in asked.questions:
        concerned = {(one.item, one.scope_item) for one in (*question.decides, *question.needed_by)}
        assert concerned
        assert concerned <= open_lines
        assert (question.kind == "consent") is (question.consent_group is not None)


def lines(answer: dict[str, list[dict[str, dict[str, str]]]], part: str, side: str) -> set[tuple[str, str]]:
    return {(line[side]["item"], line[side]["scope_item"]) for line in answer[part] if line[side]}


def test_the_answer_to_a_deciding_question_decides_whatever_it_is(client: TestClient) -> None:
    tried = 0
    for one in SUBJECTS:
        home = f"/v1/{FOLDERS[one['kind']]}/{one['id']}/questions"
        for question in client.get(home).json()["questions"]:
            told = question["attributes"][0]
            for value in (True, False):
                supposed = {
                    "scope_item": told["scope_item"],
                    "attributes": {told["attribute"]["id"]: value},
                }
                asked = {"kind": one["kind"], "subject": one["id"], "changes": [supposed]}
                answer = client.post("/v1/what-if", json=asked)
                if question["kind"] == "consent" or answer.status_code == 422:
                    continue  # no yes-or-no question
                changed = lines(answer.json(), "changes", "before") | lines(
                    answer.json(), "disappears", "before"
                )
                still_open = {
                    (line["after"]["item"], line["after"]["scope_item"])
                    for line in answer.json()["changes"]
                    if line["after"]["standing"] == "needs_information"
                }
                for decided in question["decides"]:
                    assert (decided["item"], decided["scope_item"]) in changed - still_open, (question, value)
                tried += 1
    assert tried >= 6


def test_without_consent_the_question_is_the_consent(client: TestClient) -> None:
    found = [
        question
        for home in HOMES
        for question in client.get(f"/v1{home}/questions").json()["questions"]
        if question["kind"] == "consent"
    ]
    assert found
    for question in found:
        assert question["consent_target"] == f"attributes:{question['consent_group']['id']}"


def test_the_homepage_asks_nothing_about_what_is_delicate(client: TestClient) -> None:
    shown = 0
    for home in HOMES:
        text = client.get(home).text
        if 'class="asking"' not in text:
            continue
        shown += 1
        assert f'href="{home}/questions"' in text
        box = text.split('class="asking"')[1].split("</div>")[0]
        assert "去世" not in box
    assert shown


def test_an_answer_can_be_tried_from_the_page_and_is_not_kept(client: TestClient) -> None:
    client.cookies.clear()
    tried = 0
    for home in HOMES:
        before = client.get(f"/v1{home}/homepage").json()
        form = TRY_FORM.search(client.get(f"{home}/questions").text)
        if form is not None:
            asked = {"scope_item": form[2], "attribute": form[3], "value": "true"}
            page = client.get(form[1], params=asked)
            assert page.status_code == 200
            assert "待补充 →" in page.text or "会多出的事" in page.text or "不再有的事" in page.text
            tried += 1
        assert client.get(f"/v1{home}/homepage").json() == before
    assert tried


@pytest.mark.parametrize(
    "query",
    [
        {"scope_item": "c-li", "attribute": "no_such", "value": "true"},
        {"scope_item": "c-other", "attribute": "plans_to_marry", "value": "true"},
        {"scope_item": "c-li", "attribute": "plans_to_marry", "value": "maybe"},
        {"scope_item": "c-li", "attribute": "birth_date", "value": "2026-02-30"},
        {"scope_item": "c-li", "attribute": "residence_months_beijing", "value": "many"},
    ],
)
def test_an_answer_nobody_can_give_is_refused(client: TestClient, query: dict[str, str]) -> None:
    assert client.get("/citizens/c-li/what-if", params=query).status_code == 422
