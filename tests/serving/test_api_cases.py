"""Reports on cases and consultations handed in over the interface: kept once, refused whole, never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading
from records.tables import arrival, case, consultation
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SignedInClient, token_of

AT = "2026-11-21T09:30:00+08:00"
ITEM = "cs-residence-permit"


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """A server of this module's own: what is sent is kept."""
    own = copy_of(untouched, tmp_path_factory.mktemp("sending"))
    with SignedInClient(create_app(own), base_url=ADDRESS) as client:
        yield client


def report(client_id: str, **more: Any) -> dict[str, Any]:
    """That a case of c-li on a residence permit was opened."""
    sent = {"client_id": client_id, "id": "k-1", "subject": "c-li", "item": ITEM, "cycle": "once"}
    return {**sent, "status": "open", "channel": "hall", "at": AT, **more}


def question(id_: str, **more: Any) -> dict[str, Any]:
    sent = {"id": id_, "subject": "c-li", "topic": ITEM, "channel": "hotline", "outcome": "answered"}
    return {**sent, "at": AT, **more}


def rows(client: TestClient, table: Any) -> list[Any]:
    with reading(client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        return list(connection.execute(select(table)))


def as_(client: TestClient, persona: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token_of(client.app, persona)}"}


def test_a_case_is_reported_shown_and_acted_on(sending: TestClient) -> None:
    before = len(rows(sending, arrival))
    first = sending.post("/v1/cases", json=report("r-1"))
    again = sending.post("/v1/cases", json=report("r-1"))
    assert (first.status_code, first.json()) == (201, {"received": 1, "recorded": 1, "repeated": 0})
    assert (again.status_code, again.json()) == (200, {"received": 1, "recorded": 0, "repeated": 1})
    page = sending.get("/v1/citizens/c-li/homepage").json()
    assert [one["item"] for one in page["in_progress"] if one["item"] == ITEM] == [ITEM]
    sending.post("/v1/cases", json=report("r-2", status="succeeded", at="2026-11-21T10:00:00+08:00"))
    page = sending.get("/v1/citizens/c-li/homepage").json()
    assert [one["item"] for one in page["done"] if one["item"] == ITEM] == [ITEM]
    came = rows(sending, arrival)[before:]
    assert [(one.subject, one.kind, one.about, one.items) for one in came] == [
        ("c-li", "case", ["k-1"], [ITEM]),
        ("c-li", "case", ["k-1"], [ITEM]),
    ]


@pytest.mark.parametrize(
    ("path", "sent", "named"),
    [
        ("/v1/cases", {"cases": [report("c-1", id="k-c"), report("c-2", id="k-c", status="failed")]}, "c-1"),
        ("/v1/consultations", {"consultations": [question("q-c"), question("q-d", place="海淀")]}, "q-c"),
    ],
)
def test_other_bodies_under_known_ids_name_every_id(
    sending: TestClient, path: str, sent: dict[str, list[dict[str, Any]]], named: str
) -> None:
    assert sending.post(path, json=sent).status_code == 201
    (name, bodies), kind = next(iter(sent.items())), path.rsplit("/", 1)[1].rstrip("s")
    other = {name: [{**body, "channel": "elsewhere"} for body in bodies]}
    refused = sending.post(path, json=other)
    assert refused.status_code == 409
    assert refused.json()["type"] == f"urn:qianmian:problem:{kind}-conflict"
    ids = [body.get("client_id", body["id"]) for body in bodies]
    assert named in ids
    assert all(id_ in refused.json()["detail"] for id_ in ids)


def test_an_id_of_another_matter_is_a_conflict(sending: TestClient) -> None:
    sending.post("/v1/cases", json=report("m-1", id="k-m"))
    refused = sending.post("/v1/cases", json=report("m-2", id="k-m", cycle="2026"))
    assert refused.status_code == 409
    assert "k-m" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"item": "cs-nowhere"}, "/body/item"),
        ({"at": "2027-01-01T00:00:00Z"}, "/body/at"),
        ({"at": "0001-01-01T00:00:00+08:00"}, "/body/at"),
        ({"scope_item": "c-wang"}, "/body/scope_item"),
        ({"item": "es-annual-report"}, "/body/scope_item"),
        ({"status": "self_declared"}, "/body/single/status"),
        ({"status": None}, "/body/single/status"),
        ({"cycle": "what I said"}, "/body/single/cycle"),
        ({"id": "110101199003070017"}, "/body/single/id"),
        ({"client_id": "13812345678"}, "/body/single/client_id"),
        ({"client_id": "r\u0000"}, "/body/single/client_id"),
        ({"channel": "x" * 65}, "/body/single/channel"),
        ({"at": "2026-11-21T09:30:00"}, "/body/single/at"),
    ],
)
def test_what_breaks_the_contract_is_refused_where_it_breaks(
    sending: TestClient, change: dict[str, Any], pointer: str
) -> None:
    kept = len(rows(sending, case))
    refused = sending.post("/v1/cases", json={**report("broken"), **change})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]
    assert "110101199003070017" not in refused.text
    assert len(rows(sending, case)) == kept


def test_a_batch_is_refused_whole_and_every_fault_named(sending: TestClient) -> None:
    kept = len(rows(sending, case)), len(rows(sending, arrival))
    batch = [
        report("f-1", id="k-f1", item="cs-a"),
        report("f-2", id="k-f2"),
        report("f-3", id="k-f3", at="2030-01-01T00:00:00Z"),
    ]
    refused = sending.post("/v1/cases", json={"cases": batch})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [
        "/body/cases/0/item",
        "/body/cases/2/at",
    ]
    assert (len(rows(sending, case)), len(rows(sending, arrival))) == kept


def test_a_subject_reports_on_itself_alone(sending: TestClient) -> None:
    mine = as_(sending, "citizen:c-li")
    assert sending.post("/v1/cases", json=report("own", id="k-own"), headers=mine).status_code == 201
    other = report("other", id="k-other", subject="c-wang")
    assert sending.post("/v1/cases", json=other, headers=mine).status_code == 404
    assert sending.post("/v1/cases", json=other, headers=as_(sending, "official:operator")).status_code == 403


def test_a_consultation_is_kept_once_and_acted_on_where_somebody_is_known(sending: TestClient) -> None:
    before = len(rows(sending, arrival)), len(rows(sending, consultation))
    batch = {"consultations": [question("q-1"), question("q-2", subject=None), question("q-1")]}
    answer = sending.post("/v1/consultations", json=batch)
    assert (answer.status_code, answer.json()) == (201, {"received": 3, "recorded": 2, "repeated": 1})
    assert sending.post("/v1/consultations", json=batch).status_code == 200
    assert len(rows(sending, consultation)) == before[1] + 2
    came = rows(sending, arrival)[before[0] :]
    assert [(one.subject, one.kind, one.about) for one in came] == [("c-li", "consultation", ["q-1"])]


def test_only_a_channel_speaks_of_callers_nobody_knows(sending: TestClient) -> None:
    mine = as_(sending, "citizen:c-li")
    assert sending.post("/v1/consultations", json=question("q-3"), headers=mine).status_code == 201
    nobody = question("q-4", subject=None)
    assert sending.post("/v1/consultations", json=nobody, headers=mine).status_code == 403


def test_a_topic_is_a_word_and_never_what_was_said(sending: TestClient) -> None:
    refused = sending.post("/v1/consultations", json=question("q-5", topic="我想问一下，孩子的户口怎么办？"))
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/body/single/topic"]


def test_what_several_subjects_did_is_one_arrival_each(sending: TestClient) -> None:
    before = len(rows(sending, arrival))
    done = {"kind": "view", "at": AT, "item": ITEM}
    sent = [
        {"client_id": "i-1", "subject": "c-li", **done},
        {"client_id": "i-2", "subject": "c-wang", **done},
        {"client_id": "i-3", "subject": "c-li", **done, "item": None},
    ]
    assert sending.post("/v1/interactions", json={"interactions": sent}).status_code == 201
    assert sending.post("/v1/interactions", json={"interactions": sent}).status_code == 200
    came = rows(sending, arrival)[before:]
    assert [(one.subject, one.about, one.items) for one in came] == [
        ("c-li", ["i-1", "i-3"], [ITEM]),
        ("c-wang", ["i-2"], [ITEM]),
    ]
