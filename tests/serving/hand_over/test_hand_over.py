"""A matter goes to the portal signed, for it alone, once, and comes back as a case on the page."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import select

from records.database import reading
from records.tables import arrival, hand_over, interaction
from serving.app import create_app
from serving.hand_over.sample_portal import NotInProduction, sample_portal
from serving.hand_over.signing import (
    ALGORITHM,
    KIND,
    HandOverRefused,
    read_hand_over,
)
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, SignedInClient, session_of

PORTAL = f"{ADDRESS}/dev-portal"


@pytest.fixture
def client(untouched: ServingSettings, tmp_path: Path) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path).model_copy(update={"rate_limit_factor": 1_000})
    with SignedInClient(create_app(own), base_url=ADDRESS) as made:
        yield made


def duty(client: TestClient) -> dict[str, str]:
    """A duty of the subject's own that the portal could take up."""
    page = client.get("/v1/citizens/c-li/homepage").json()
    found = next(each for each in page["should_do"] if each["scope_item"] == "c-li")
    return {name: found[name] for name in ("item", "scope_item", "cycle")}


def begun(client: TestClient) -> dict[str, Any]:
    answer = client.post("/v1/citizens/c-li/hand-overs", json=duty(client))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def read(client: TestClient, token: str, **other: Any) -> Any:
    keys = client.get("/v1/hand-over-keys").json()
    now = other.get("at", dt.datetime.now(dt.UTC))
    return read_hand_over(token, keys, other.get("issuer", ADDRESS), other.get("portal", PORTAL), now)


def test_the_token_names_the_matter_and_nothing_of_the_person(client: TestClient) -> None:
    told = begun(client)
    handed = read(client, told["token"])
    assert {"item": handed.item, "scope_item": handed.scope_item, "cycle": handed.cycle} == duty(client)
    claims = jwt.decode(
        told["token"],
        OKPKey.import_key(client.get("/v1/hand-over-keys").json()["keys"][0]),
        algorithms=[ALGORITHM],
    ).claims
    ids = {"item", "scope_item", "cycle", "evidence", "return_to"}
    assert set(claims) == ids | {"iss", "aud", "sub", "jti", "iat", "exp"}
    assert "c-li" not in claims["return_to"]
    assert claims["exp"] - claims["iat"] == 300
    assert set(handed.evidence) <= {"c-li/m-id-card", "c-li/m-hukou-book"}


@pytest.mark.parametrize("other", [{"portal": "https://elsewhere.example"}, {"issuer": "https://x.example"}])
def test_it_is_for_one_portal_and_from_one_issuer(client: TestClient, other: dict[str, str]) -> None:
    with pytest.raises(HandOverRefused):
        read(client, begun(client)["token"], **other)


def test_it_is_good_for_a_few_minutes_and_only_with_our_key(client: TestClient) -> None:
    token = begun(client)["token"]
    with pytest.raises(HandOverRefused):
        read(client, token, at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=6))
    header, claims, signature = token.split(".")
    with pytest.raises(HandOverRefused):
        read(client, ".".join([header, claims, signature[::-1]]))
    own = OKPKey.generate_key("Ed25519", {"kid": "hand-over-1", "alg": ALGORITHM})
    forged = jwt.encode(
        {"alg": ALGORITHM, "kid": "hand-over-1", "typ": KIND},
        {"iss": ADDRESS, "aud": PORTAL, "iat": 1, "exp": 1 << 40},
        own,
        algorithms=[ALGORITHM],
    )
    with pytest.raises(HandOverRefused):
        read(client, forged)


def test_the_start_is_kept_with_its_arrival(client: TestClient) -> None:
    told = begun(client)
    engine = client.app.state.parts.engine  # type: ignore[attr-defined]
    with reading(engine) as connection:
        kept = connection.execute(select(hand_over).where(hand_over.c.id == told["id"])).one()
        done = connection.execute(
            select(interaction).where(interaction.c.client_id == f"start-{told['id']}")
        ).one()
        assert connection.execute(select(arrival.c.id).where(arrival.c.subject == "c-li")).all()
    assert (done.kind, done.item, done.subject) == ("start", kept.item, "c-li")


def test_what_is_not_on_the_page_is_not_begun(client: TestClient) -> None:
    wrong = duty(client) | {"cycle": "1999"}
    assert client.post("/v1/citizens/c-li/hand-overs", json=wrong).status_code == 422
    assert client.post("/v1/citizens/c-wang/hand-overs", json=duty(client)).status_code == 422


def browse(client: TestClient) -> dict[str, str]:
    secret, form = session_of(client.app, "citizen:c-li")
    return {"cookie": f"{SESSION}={secret}", "x-form-token": form}


@pytest.mark.parametrize(("outcome", "list_"), [("finish", "done"), ("submit", "in_progress")])
def test_start_sample_portal_case_and_the_page_has_changed(
    client: TestClient, outcome: str, list_: str
) -> None:
    matter, who = duty(client), browse(client)
    gone = client.post("/citizens/c-li/start", data=matter, headers=who, follow_redirects=False)
    where = gone.headers["location"]
    assert gone.status_code == 303
    assert where.startswith(f"{PORTAL}?hand_over=")
    portal = client.get(where, headers=who)
    action = re.search(r'action="(/dev-portal/[^"]+)"', portal.text)
    assert action is not None
    again = client.get(where, headers=who)
    assert again.status_code == 422, "a hand-over is taken up once"
    back = client.post(
        html.unescape(action.group(1)), data={"outcome": outcome}, headers=who, follow_redirects=False
    )
    assert back.status_code == 303, back.text
    home = client.get(back.headers["location"], headers=who, follow_redirects=False)
    assert home.headers["location"] == "/citizens/c-li?returned=1"
    page = client.get("/v1/citizens/c-li/homepage").json()
    assert matter["item"] in {each["item"] for each in page[list_]}
    assert client.post(action.group(1), data={"outcome": outcome}, headers=who).status_code == 422


def test_the_pages_let_forms_lead_to_the_portal_and_nowhere_else(
    untouched: ServingSettings, tmp_path: Path
) -> None:
    own = copy_of(untouched, tmp_path).model_copy(
        update={"rate_limit_factor": 1_000, "portal_address": "https://portal.example/take-up"}
    )
    with SignedInClient(create_app(own), base_url=ADDRESS) as client:
        policy = client.get("/").headers["content-security-policy"]
        assert "form-action 'self' https://portal.example;" in policy
        assert client.get("/dev-portal?hand_over=x").status_code == 404
        told = begun(client)
        assert urlsplit(told["url"]).netloc == "portal.example"
        assert parse_qs(urlsplit(told["url"]).query)["hand_over"] == [told["token"]]


def test_the_sample_portal_is_for_development_alone(untouched: ServingSettings) -> None:
    production = untouched.model_copy(update={"profile": "production"})
    with pytest.raises(NotInProduction):
        sample_portal(production)
    assert not production.own_portal
    assert production.portal is None
