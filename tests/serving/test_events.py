"""A life event on its own page and for programs: steps, dates, states told apart, and the fewest papers."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from serving.api.events import EventsSchema
from serving.parts import Parts
from tests.serving.town import SUBJECTS

FOLDERS = {"citizen": "citizens", "enterprise": "enterprises"}
HOMES = [f"/{FOLDERS[one['kind']]}/{one['id']}" for one in SUBJECTS]


@pytest.mark.parametrize("home", HOMES)
def test_an_event_s_own_answer_agrees_with_the_homepage(client: TestClient, parts: Parts, home: str) -> None:
    for shown in client.get(f"/v1{home}/homepage").json()["events"]:
        answer = client.get(f"/v1{home}/events/{shown['event']}")
        events = EventsSchema.model_validate_json(answer.content).events
        found = next(one for one in events if one.scope_item == shown["scope_item"])
        for state in ("done", "in_progress", "open", "waiting"):
            assert [s.service for s in found.steps if s.state == state] == [
                s.service for s in found.steps if s.service in shown[state]
            ]
        assert (found.enrolled, found.due_on) == (
            shown["enrolled"],
            EventsSchema.model_fields["on"].annotation.fromisoformat(shown["due_on"])
            if shown["due_on"]
            else None,
        )
        assert not found.done
        page = client.get(f"{home}/events/{shown['event']}?scope_item={shown['scope_item']}")
        assert page.status_code == 200


def test_each_paper_is_brought_once_and_none_that_a_step_before_yields(client: TestClient) -> None:
    yielded = 0
    for home in HOMES:
        for shown in client.get(f"/v1{home}/homepage").json()["events"]:
            answer = client.get(f"/v1{home}/events/{shown['event']}")
            for one in EventsSchema.model_validate_json(answer.content).events:
                brought = [paper.paper.id for paper in one.to_bring]
                assert len(brought) == len(set(brought))
                steps = {step.service: step for step in one.steps}
                for paper in one.yielded:
                    assert paper.paper.id not in brought
                    assert paper.paper.id in {each.id for each in steps[paper.by].yields}
                    assert all(steps[paper.by].stage < steps[step].stage for step in paper.steps)
                    yielded += 1
    assert yielded


def test_an_event_that_does_not_concern_somebody_says_which_condition_does_not_hold(
    client: TestClient,
) -> None:
    answer = EventsSchema.model_validate_json(client.get("/v1/citizens/c-li/events/le-newborn").content)
    older = next(one for one in answer.events if one.label == "小雨")
    assert (older.verdict, older.enrolled, older.done) == ("ineligible", False, False)
    assert [one.expression for one in older.unmet] == ["child_age_months <= 12"]
    assert "目前与您无关" in client.get("/citizens/c-li/events/le-newborn").text


def test_there_is_no_event_of_another_kind_of_subject(client: TestClient) -> None:
    for path in ("/citizens/c-li/events/le-company-start", "/citizens/c-li/events/le-nothing"):
        assert client.get(path).status_code == 404
        assert client.get(f"/v1{path}").status_code == 404
