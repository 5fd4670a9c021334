"""Invitations over the interface and on the page: answered once, refused clearly, seen by nobody else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.artefact import load
from pipelines.invite import invitation_rates, invite
from records.settings import SHANGHAI
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SignedInClient, token_of
from tests.serving.town import TODAY

AT = dt.datetime.combine(TODAY, dt.time(9), SHANGHAI)
LISTS = "/v1/citizens/c-li/invitations"
PAGE = "/citizens/c-li/invitations"


@pytest.fixture
def settings(untouched: ServingSettings, tmp_path: Path) -> ServingSettings:
    own = copy_of(untouched, tmp_path).model_copy(update={"rate_limit_factor": 1_000})
    invite(own, load(own.catalogue_path), TODAY, AT)
    return own


@pytest.fixture
def invited(settings: ServingSettings) -> Iterator[TestClient]:
    with SignedInClient(create_app(settings), base_url=ADDRESS) as client:
        yield client


def lists(client: TestClient) -> dict[str, Any]:
    answer = client.get(LISTS)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def answer(client: TestClient, number: int, **said: Any) -> Any:
    return client.post(f"{LISTS}/{number}/answer", json=said)


def test_an_accepted_one_goes_from_one_list_to_the_other(invited: TestClient) -> None:
    before = lists(invited)
    one = before["candidates"][0]
    taken = answer(invited, one["id"], answer="accept", on=one["suggested_on"])
    assert (taken.status_code, taken.json()["status"]) == (200, "accepted")
    again = answer(invited, one["id"], answer="accept", on=one["suggested_on"])
    assert again.json() == taken.json()
    after = lists(invited)
    assert [each["id"] for each in after["agreed"]] == [one["id"]]
    assert one["id"] not in {each["id"] for each in after["candidates"]}
    matter = (one["item"], one["scope_item"], one["cycle"])
    assert matter not in {(duty["item"], duty["scope_item"], duty["cycle"]) for duty in after["duties"]}
    assert matter in {(duty["item"], duty["scope_item"], duty["cycle"]) for duty in before["duties"]}


def test_what_makes_no_sense_is_refused_with_the_reason(invited: TestClient) -> None:
    one = lists(invited)["candidates"][0]
    late = (dt.date.fromisoformat(one["valid_to"]) + dt.timedelta(days=1)).isoformat()
    refused = answer(invited, one["id"], answer="accept", on=late)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("invitation-too-late")
    assert one["valid_to"] in refused.json()["detail"]
    assert answer(invited, one["id"], answer="decline").status_code == 200
    gone = answer(invited, one["id"], answer="accept", on=one["suggested_on"])
    assert (gone.status_code, gone.json()["type"].rsplit(":", 1)[1]) == (409, "invitation-declined")
    assert answer(invited, one["id"], answer="accept").status_code == 422
    assert answer(invited, one["id"], answer="decline", on=late).status_code == 422
    assert answer(invited, 999, answer="decline").status_code == 404


def test_nobody_answers_for_somebody_else(invited: TestClient) -> None:
    one = lists(invited)["candidates"][0]
    other = invited.post(f"/v1/citizens/c-wang/invitations/{one['id']}/answer", json={"answer": "decline"})
    assert other.status_code == 404
    assert one["id"] in {each["id"] for each in lists(invited)["candidates"]}


def test_the_page_takes_an_answer_without_scripts_and_says_why_it_does_not(invited: TestClient) -> None:
    page = invited.get(PAGE, params={"lang": "en"})
    one = lists(invited)["candidates"][0]
    assert f'action="{PAGE}/{one["id"]}"' in page.text
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    form = {"form_token": token.group(1) if token else "", "answer": "accept", "on": "2020-01-01"}
    refused = invited.post(f"{PAGE}/{one['id']}", data=form)
    assert refused.status_code == 200
    assert 'role="alert"' in refused.text
    taken = invited.post(f"{PAGE}/{one['id']}", data=form | {"on": one["suggested_on"]})
    assert "We will remind you" in taken.text
    assert [each["id"] for each in lists(invited)["agreed"]] == [one["id"]]
    assert f'href="{PAGE}"' in invited.get("/citizens/c-li").text


def test_only_operators_see_the_rates_and_those_of_a_few_are_not_told(
    invited: TestClient, settings: ServingSettings
) -> None:
    operator = {"authorization": f"Bearer {token_of(invited.app, 'official:operator')}"}
    assert invited.get("/v1/invitations/report", headers=operator).status_code == 404
    invitation_rates(settings, load(settings.catalogue_path), TODAY, AT)
    told = invited.get("/v1/invitations/report", headers=operator).json()
    assert told["on"] == TODAY.isoformat()
    assert told["all"]["delivered"] in (None, 0), "the town is too small for any count to be told"
    assert invited.get("/v1/invitations/report").status_code == 403
