"""Every token that is not believed, and every reach beyond, leaves a line that names nobody asked about."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading
from records.tables import audit, audit_view
from serving.app import create_app
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import token_of

PATH = "/v1/citizens/c-li/homepage"
ROUTE = "GET /v1/citizens/{id}/homepage"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    own = copy_of(untouched, tmp_path_factory.mktemp("refused"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def refusals(api: TestClient) -> Counter[tuple[str, str, str, str]]:
    """The lines of refusals (role, actor, route, why), those that wait sealed first."""
    parts: Parts = api.app.state.parts  # type: ignore[attr-defined]
    parts.views.seal()
    found: Counter[tuple[str, str, str, str]] = Counter()
    with reading(parts.engine) as connection:
        for table in (audit, audit_view):
            names = (table.c.role, table.c.actor, table.c.detail, table.c.subject_token)
            for row in connection.execute(select(*names).where(table.c.action == "refused")):
                assert row.subject_token is None, "whom they asked about is not kept"
                assert set(row.detail) == {"route", "why"}
                found[row.role, row.actor, row.detail["route"], row.detail["why"]] += 1
    return found


def signed(api: TestClient, **changed: Any) -> str:
    """An access token as the issuer makes it, but for what is changed."""
    body = token_of(api.app, "citizen:c-li", ("assess",)).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return str(api.app.state.signing._signed({**claims, **changed}, "at+jwt"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", ["forged", "expired", "wrong audience"])
def test_a_token_that_is_not_believed_leaves_a_line(api: TestClient, what: str) -> None:
    good = signed(api)
    token = {
        "forged": f"{good[:-6]}AAAAAA",
        "expired": signed(api, iat=1_700_000_000, exp=1_700_000_060),
        "wrong audience": signed(api, aud="https://elsewhere.example"),
    }[what]
    assert api.get(PATH, headers={"authorization": f"Bearer {good}"}).status_code == 200
    before = refusals(api)
    refused = api.get(PATH, headers={"authorization": f"Bearer {token}"})
    assert refused.status_code == 401
    assert refused.json()["title"]
    assert refusals(api) - before == {("nobody", "nobody", ROUTE, "TokenRefused"): 1}


@pytest.mark.parametrize(
    ("purposes", "path", "status", "why"),
    [
        (("assess",), "/v1/citizens/c-li/reminders", 403, "ScopeRefused"),
        (("assess",), "/v1/citizens/c-wang/homepage", 404, "beyond what is theirs"),
        (("assess", "aggregate"), "/v1/campaigns", 403, "RoleRefused"),
    ],
)
def test_a_reach_beyond_a_scope_a_subject_or_a_role_leaves_a_line(
    api: TestClient, purposes: tuple[str, ...], path: str, status: int, why: str
) -> None:
    token, before = token_of(api.app, "citizen:c-li", purposes), refusals(api)
    assert api.get(path, headers={"authorization": f"Bearer {token}"}).status_code == status
    [(role, actor, route, said)] = (refusals(api) - before).elements()
    assert (role, said) == ("citizen", why)
    assert actor.startswith("subject:"), "a token, no id"
    assert "c-" not in route
