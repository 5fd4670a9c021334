"""Operators alone run campaigns over the interface, two of them for each; every step is in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.artefact import load
from pipelines.campaign import work_on_campaigns
from records.database import reading, writing
from records.logins import Account, appoint, record_login
from records.settings import moment_of_writing
from records.tables import audit, inbox
from serving.app import create_app
from serving.identity.issuer.codes import Authorization
from serving.identity.issuer.routes import PROGRAMS
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SignedInClient, token_of
from tests.serving.town import TODAY

AUDIENCE = {"kind": "citizen", "audience": "sex = 'female' AND age >= 18"}
DRAFT = {
    **AUDIENCE,
    "item": "cs-senior-card",
    "names": {"zh": "敬老卡办理", "en": "Senior cards"},
    "reason": {"zh": "您可能符合条件", "en": "You may qualify"},
    "stages": [0.5, 1.0],
}


@pytest.fixture
def settings(untouched: ServingSettings, tmp_path: Path) -> ServingSettings:
    return copy_of(untouched, tmp_path).model_copy(update={"rate_limit_factor": 1_000})


@pytest.fixture
def client(settings: ServingSettings) -> Iterator[TestClient]:
    with SignedInClient(create_app(settings), base_url=ADDRESS) as made:
        yield made


def operator(client: TestClient, name: str) -> dict[str, str]:
    """A token of one operator among several."""
    app: Any = client.app
    parts, desk = app.state.parts, app.state.identity
    with writing(parts.engine) as connection:
        account = Account(desk.settings.issuer, name)
        login = record_login(connection, account, None, parts.secrets["identity"], desk.wall())
        appoint(connection, login.id, "operator")
    agreed = Authorization(PROGRAMS, "", "", None, "openid qianmian:aggregate", name, None, desk.wall())
    token = app.state.signing.tokens(agreed, desk.settings, desk.wall())["access_token"]
    return {"authorization": f"Bearer {token}"}


def work(settings: ServingSettings) -> None:
    work_on_campaigns(settings, load(settings.catalogue_path), TODAY, moment_of_writing(settings))


def test_from_preview_to_funnel_by_two_operators(client: TestClient, settings: ServingSettings) -> None:
    ann, bob = operator(client, "ann"), operator(client, "bob")
    asked = client.post("/v1/campaigns/previews", json=AUDIENCE, headers=ann)
    assert (asked.status_code, asked.json()["counted_at"]) == (202, None)
    drafted = client.post("/v1/campaigns", json=DRAFT, headers=ann)
    assert drafted.status_code == 201, drafted.text
    where = f"/v1/campaigns/{drafted.json()['id']}"
    assert client.post(f"{where}/approval", headers=bob).status_code == 409
    work(settings)
    counted = client.get(f"/v1/campaigns/previews/{asked.json()['id']}", headers=ann).json()
    assert counted["counted_at"] is not None
    assert counted["reached"] in (0, None), "the town is too small for any count to be told"
    own = client.post(f"{where}/approval", headers=ann)
    assert own.status_code == 409
    assert "second person" in own.json()["detail"]
    assert client.post(f"{where}/stages", json={"stage": 1}, headers=ann).status_code == 409
    assert client.post(f"{where}/approval", headers=bob).json()["state"] == "approved"
    assert client.post(f"{where}/stages", json={"stage": 2}, headers=ann).status_code == 409
    for stage in (1, 2):
        released = client.post(f"{where}/stages", json={"stage": stage}, headers=ann)
        assert released.json()["released"] == stage
        work(settings)
    assert client.get(where, headers=bob).json()["state"] == "finished"
    funnel = client.get(f"{where}/funnel", headers=bob).json()
    assert funnel["arms"]["told"]["completed"] in (0, None)
    stopped = client.post(f"{where}/stop", headers=bob).json()
    assert stopped["campaign"]["state"] == "stopped"
    assert stopped["cancelled"] is None, "fewer than ten, if any"
    assert [one["id"] for one in client.get("/v1/campaigns", headers=ann).json()["campaigns"]] == [
        drafted.json()["id"]
    ]
    engine = client.app.state.parts.engine  # type: ignore[attr-defined]
    with reading(engine) as connection:
        actions = set(connection.execute(select(audit.c.action)).scalars())
        told = connection.execute(select(inbox.c.key).where(inbox.c.template == "campaign")).all()
    done = ("preview", "drafted", "approved", "released", "stopped", "funnel.read")
    assert {f"campaign.{action}" for action in done} <= actions
    assert isinstance(told, list)


def test_nobody_but_operators(client: TestClient) -> None:
    for persona in ("citizen:c-li", "official:auditor", "official:data_scientist", "official:channel"):
        bearer = {"authorization": f"Bearer {token_of(client.app, persona)}"}
        assert client.get("/v1/campaigns", headers=bearer).status_code == 403
        assert client.post("/v1/campaigns/previews", json=AUDIENCE, headers=bearer).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"audience": "no_such_attribute = 1"}, 409),
        ({"item": "cs-nothing"}, 409),
        ({"item": "cs-id-renewal", "hold_out": 0.1}, 409),
        ({"stages": [0.5]}, 409),
        ({"hold_out": 2}, 422),
        ({"kind": "city"}, 422),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(
    client: TestClient, wrong: dict[str, Any], status: int
) -> None:
    answer = client.post("/v1/campaigns", json=DRAFT | wrong, headers=operator(client, "ann"))
    assert answer.status_code == status, answer.text


def test_a_rule_that_cannot_be_read_says_what_to_do(client: TestClient) -> None:
    asked = {"kind": "citizen", "audience": "age >> 3"}
    answer = client.post("/v1/campaigns/previews", json=asked, headers=operator(client, "ann"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/audience"
