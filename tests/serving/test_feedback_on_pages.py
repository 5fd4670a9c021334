"""What a reader says of a card changes the page, duties excepted; what a page shows is kept with consent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.vocabulary import SubjectKind
from models.homepage.arrangement import is_duty
from models.recommendation import Entry, Homepage, Urgency
from records.database import reading
from records.tables import case, interaction
from serving.app import create_app
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, SignedInClient, session_of

LI, HOME = "c-li", "/citizens/c-li"


@pytest.fixture
def saying(tmp_path: Any, untouched: ServingSettings) -> Iterator[TestClient]:
    """A server of the test's own: what is said is kept."""
    with SignedInClient(create_app(copy_of(untouched, tmp_path)), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """One server for all that is refused: it leaves everything as it was."""
    own = copy_of(untouched, tmp_path_factory.mktemp("refusing"))
    with SignedInClient(create_app(own), base_url=ADDRESS) as client:
        yield client


def parts_of(client: TestClient) -> Parts:
    parts: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return parts


def page_of(client: TestClient) -> Homepage:
    return parts_of(client).desk.homepage(SubjectKind.CITIZEN, LI)


def say(client: TestClient, act: str, entry: Entry, **headers: str) -> Any:
    form = {"act": act, "item": entry.item, "scope_item": entry.scope_item, "cycle": entry.cycle}
    return client.post(f"{HOME}/feedback", data=form, headers=headers, follow_redirects=False)


def find(page: Homepage, one: Entry) -> Entry:
    every = (*page.should_do, *page.can_do, *page.upcoming, *page.needs_information, *page.done)
    return next(e for e in every if (e.item, e.scope_item, e.cycle) == (one.item, one.scope_item, one.cycle))


def right(client: TestClient) -> Entry:
    return next(e for e in page_of(client).can_do if e.ready)


def duty(client: TestClient) -> Entry:
    catalogue, page = parts_of(client).catalogue, page_of(client)
    return next(e for e in page.should_do if is_duty(e, catalogue) and e.urgency is Urgency.OBLIGATION)


def cards(html: str) -> set[str]:
    return set(re.findall(r'name="item" value="([^"]+)"', html))


def test_every_form_carries_the_token_of_the_session(saying: TestClient) -> None:
    page = saying.get(HOME).text
    forms = re.findall(r'<form class="feedback-buttons".*?</form>', page, re.DOTALL)
    tokens = {re.findall(r'name="form_token"\s+value="([^"]+)"', form)[0] for form in forms}
    assert forms
    assert len(tokens) == 1


def test_a_browser_sends_the_token_with_the_form(saying: TestClient) -> None:
    secret, token = session_of(saying.app, f"citizen:{LI}")
    entry = right(saying)
    fields = {"act": "dismiss", "item": entry.item, "scope_item": entry.scope_item, "cycle": entry.cycle}
    own = {"cookie": f"{SESSION}={secret}", "sec-fetch-site": "same-origin", "origin": "null"}
    for sent, status in ((fields, 403), (fields | {"form_token": token}, 303)):
        answer = saying.post(f"{HOME}/feedback", data=sent, headers=own, follow_redirects=False)
        assert answer.status_code == status
    assert find(page_of(saying), entry).set_aside is not None


@pytest.mark.parametrize("act", ["dismiss", "later"])
def test_what_is_not_wanted_leaves_the_page_but_not_the_list_and_comes_back(
    saying: TestClient, act: str
) -> None:
    entry = right(saying)
    assert entry.item in cards(saying.get(HOME).text)
    answer = say(saying, act, entry)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{HOME}?said={act}&item={entry.item}")
    page = saying.get(answer.headers["location"]).text
    assert cards(page) & {entry.item} == {entry.item}, "the way to take it back"
    assert entry.item not in cards(saying.get(HOME).text)
    assert find(page_of(saying), entry).set_aside is not None
    assert entry.item in cards(saying.get(f"{HOME}/items").text)
    listed = saying.get(f"/v1{HOME}/homepage").json()["can_do"]
    assert next(e for e in listed if e["item"] == entry.item)["set_aside"] is not None
    assert say(saying, "restore", entry).status_code == 303
    assert find(page_of(saying), entry).set_aside is None
    assert say(saying, act, entry).status_code == 303
    assert find(page_of(saying), entry).set_aside is not None


def test_what_is_done_already_is_done_for_this_cycle_and_says_that_nobody_checked(saying: TestClient) -> None:
    entry = duty(saying)
    assert say(saying, "done", entry).status_code == 303
    done = find(page_of(saying), entry)
    assert [reason.code for reason in done.reasons] == ["done_self_declared"]
    with reading(parts_of(saying).engine) as connection:
        kept = connection.execute(select(case.c.status).where(case.c.item == entry.item)).scalars().all()
    assert kept == ["self_declared"]
    assert say(saying, "not_done", entry).status_code == 303
    assert find(page_of(saying), entry).standing is entry.standing


def test_a_duty_of_an_earlier_cycle_that_was_declared_done_by_mistake_comes_back(saying: TestClient) -> None:
    late = next(e for e in page_of(saying).should_do if e.urgency is Urgency.OVERDUE)
    answer = say(saying, "done", late)
    assert late not in page_of(saying).should_do
    thanks = saying.get(answer.headers["location"]).text
    form = re.search(r'<div class="notices">.*?</form>', thanks, re.DOTALL)
    assert form is not None
    assert 'value="not_done"' in form[0]
    assert say(saying, "not_done", late).status_code == 303
    assert late in page_of(saying).should_do


@pytest.mark.parametrize("act", ["dismiss", "later", "restore", "shout", ""])
def test_a_duty_can_neither_be_refused_nor_put_off(refusing: TestClient, act: str) -> None:
    entry = duty(refusing)
    assert say(refusing, act, entry).status_code == 422
    assert find(page_of(refusing), entry) == entry


def test_an_interaction_sent_by_another_channel_changes_the_page_as_well(saying: TestClient) -> None:
    entry = right(saying)
    sent = {"client_id": "d-1", "subject": LI, "kind": "dismiss", "at": "2026-11-21T09:00:00+08:00"}
    body = {**sent, "item": entry.item, "scope_item": entry.scope_item}
    assert saying.post("/v1/interactions", json=body).status_code == 201
    assert entry.item not in cards(saying.get(HOME).text)
    refused = duty(saying)
    body = {**sent, "client_id": "d-2", "item": refused.item, "scope_item": refused.scope_item}
    assert saying.post("/v1/interactions", json=body).status_code == 201
    assert find(page_of(saying), refused) == refused


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_a_form_of_another_site_says_nothing(refusing: TestClient, headers: dict[str, str]) -> None:
    entry = right(refusing)
    assert say(refusing, "dismiss", entry, **headers).status_code == 403
    assert find(page_of(refusing), entry).set_aside is None


def test_nobody_speaks_of_what_is_not_on_their_page(refusing: TestClient) -> None:
    form = {"act": "dismiss", "item": "cs-birth-registration", "scope_item": "c-wang", "cycle": "once"}
    assert refusing.post(f"{HOME}/feedback", data=form).status_code == 422
    assert refusing.post("/citizens/c-nobody/feedback", data=form).status_code == 404


def impressions(client: TestClient, subject: str) -> list[Any]:
    parts_of(client).impressions.settle()
    statement = select(interaction).where(
        interaction.c.subject == subject, interaction.c.kind == "impression"
    )
    with reading(parts_of(client).engine) as connection:
        return list(connection.execute(statement.order_by(interaction.c.slate, interaction.c.position)))


def test_what_a_page_shows_is_kept_in_order_with_its_propensity(saying: TestClient) -> None:
    page = saying.get(HOME).text
    kept = impressions(saying, LI)
    assert {row.slate for row in kept} == {kept[0].slate}
    assert [row.position for row in kept] == list(range(1, len(kept) + 1))
    assert [row.item for row in kept][: len(page_of(saying).should_do)] == [
        entry.item for entry in page_of(saying).should_do
    ]
    assert {row.item for row in kept} <= cards(page)
    assert all(0 < row.propensity <= 1 for row in kept)
    saying.get(HOME)
    assert len({row.slate for row in impressions(saying, LI)}) == 2


def test_nothing_is_kept_of_whoever_did_not_consent(saying: TestClient) -> None:
    saying.get("/citizens/c-zhao")
    assert impressions(saying, "c-zhao") == []


def test_a_page_of_somebody_erased_meanwhile_is_dropped_and_the_others_are_kept(saying: TestClient) -> None:
    from features.schema import Interaction

    log = parts_of(saying).impressions
    at = parts_of(saying).desk.clock.at()
    log.keep("c-gone", [Interaction("gone-1", "impression", at, "cs-birth-registration", "c-gone")])
    log.keep(LI, [Interaction("there-1", "impression", at, "cs-birth-registration", LI)])
    assert [row.client_id for row in impressions(saying, LI)] == ["there-1"]
    assert log.dropped == 1
