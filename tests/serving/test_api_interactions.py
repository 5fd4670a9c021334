"""Interactions are kept once, all of a batch or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from records.database import reading
from records.tables import interaction
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SignedInClient

AT = "2026-11-21T09:30:00+08:00"


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """A server of this module's own: what is sent is kept."""
    own = copy_of(untouched, tmp_path_factory.mktemp("sending"))
    with SignedInClient(create_app(own), base_url=ADDRESS) as client:
        yield client


def one(client_id: str, **more: Any) -> dict[str, Any]:
    """A click of c-li on the registration of a birth."""
    sent = {"client_id": client_id, "subject": "c-li", "kind": "click", "at": AT}
    return {**sent, "item": "cs-birth-registration", **more}


def kept(client: TestClient) -> int:
    with reading(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        return connection.execute(select(func.count()).select_from(interaction)).scalar_one()


def test_sent_twice_is_kept_once(sending: TestClient) -> None:
    before = kept(sending)
    first = sending.post("/v1/interactions", json=one("twice"))
    again = sending.post("/v1/interactions", json=one("twice"))
    assert (first.status_code, first.json()) == (201, {"received": 1, "recorded": 1, "repeated": 0})
    assert (again.status_code, again.json()) == (200, {"received": 1, "recorded": 0, "repeated": 1})
    assert kept(sending) == before + 1


def test_the_same_instant_in_another_zone_is_the_same_interaction(sending: TestClient) -> None:
    sending.post("/v1/interactions", json=one("zone"))
    again = sending.post("/v1/interactions", json=one("zone", at="2026-11-21T01:30:00Z"))
    assert again.json()["repeated"] == 1


@pytest.mark.parametrize("change", [{"kind": "view"}, {"subject": "c-wang"}, {"position": 3}])
def test_the_same_id_with_another_body_is_a_conflict(sending: TestClient, change: dict[str, Any]) -> None:
    sending.post("/v1/interactions", json=one("taken"))
    before = kept(sending)
    refused = sending.post("/v1/interactions", json=one("taken", **change))
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:qianmian:problem:interaction-conflict"
    assert "taken" in refused.json()["detail"]
    assert kept(sending) == before


def test_a_batch_with_one_conflict_keeps_nothing(sending: TestClient) -> None:
    sending.post("/v1/interactions", json=one("held"))
    before = kept(sending)
    batch = {"interactions": [one("fresh"), one("held", kind="view"), one("other", subject="c-wang")]}
    assert sending.post("/v1/interactions", json=batch).status_code == 409
    assert kept(sending) == before


def test_a_batch_of_several_subjects_is_kept(sending: TestClient) -> None:
    batch = {
        "interactions": [
            one("b-1", kind="search", item=None, query="出生登记"),
            one("b-2", subject="c-wang", propensity=0.5, position=0, slate="s-1", channel="web"),
            one("b-1", kind="search", item=None, query="出生登记"),
        ]
    }
    answer = sending.post("/v1/interactions", json=batch)
    assert (answer.status_code, answer.json()) == (201, {"received": 3, "recorded": 2, "repeated": 1})


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"item": "cs-nowhere"}, "/body/item"),
        ({"kind": "search", "item": None}, "/body/query"),
        ({"at": "2027-01-01T00:00:00Z"}, "/body/at"),
        ({"at": "2026-11-21T09:30:00"}, "/body/single/at"),
        ({"at": 1763700000}, "/body/single/at"),
        ({"kind": "stare"}, "/body/single/kind"),
        ({"position": -1}, "/body/single/position"),
        ({"position": "0"}, "/body/single/position"),
        ({"propensity": 0}, "/body/single/propensity"),
        ({"client_id": ""}, "/body/single/client_id"),
        ({"extra": 1}, "/body/single/extra"),
        ({"scope_item": "c-wang"}, "/body/scope_item"),
    ],
)
def test_what_breaks_the_contract_is_refused_where_it_breaks(
    sending: TestClient, change: dict[str, Any], pointer: str
) -> None:
    refused = sending.post("/v1/interactions", json={**one("broken"), **change})
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"] == "urn:qianmian:problem:invalid-request"
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


def test_every_fault_of_a_batch_is_told_at_once(sending: TestClient) -> None:
    batch = {"interactions": [one("f-1", item="cs-a"), one("f-2"), one("f-3", item="cs-b")]}
    problem = sending.post("/v1/interactions", json=batch).json()
    assert [fault["pointer"] for fault in problem["errors"]] == [
        "/body/interactions/0/item",
        "/body/interactions/2/item",
    ]


def test_what_was_sent_is_never_repeated_in_a_problem(sending: TestClient) -> None:
    secret = "110101199003070017"
    refused = sending.post("/v1/interactions", json=one("secret", kind=secret, query=secret * 12))
    assert refused.status_code == 422
    assert secret not in refused.text


def test_nobody_is_nobody(sending: TestClient) -> None:
    refused = sending.post("/v1/interactions", json=one("nobody", subject="c-nobody"))
    assert refused.status_code == 404


def test_a_body_beyond_the_limit_is_refused_unread(sending: TestClient) -> None:
    refused = sending.post("/v1/interactions", json=one("large", query="x" * (1 << 20)))
    assert refused.status_code == 413
    assert refused.json()["type"] == "urn:qianmian:problem:too-large"


def test_more_than_a_batch_holds_is_refused(sending: TestClient) -> None:
    many = {"interactions": [one(f"m-{n}") for n in range(501)]}
    assert sending.post("/v1/interactions", json=many).status_code == 422
