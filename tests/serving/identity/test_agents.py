"""Service agents: one subject at a time, on presence or grant, for a reason, for a while, and on record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from records.database import reading, writing
from records.identities import record_identity
from records.openings import grant_agents, withdraw_from_agents
from records.tables import audit, opening
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of

REASON = "本人来窗口咨询养老待遇"
HOME = "/citizens/c-wang"


class Agent:
    """An agent at the window."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.secret, _ = session_of(client.app, "official:agent")

    def get(self, path: str) -> Response:
        answer = self.client.get(path, headers={"cookie": f"{SESSION}={self.secret}"})
        self.client.cookies.clear()
        return answer  # type: ignore[return-value]

    def post(self, path: str, **form: str) -> Response:
        token = re.search(r'name="form_token"\s+value="([^"]+)"', self.get("/account").text)
        assert token is not None
        sent = {"form_token": token[1], **form}
        answer = self.client.post(path, data=sent, headers={"cookie": f"{SESSION}={self.secret}"})
        self.secret = answer.cookies.get(SESSION, self.secret)
        self.client.cookies.clear()
        return answer  # type: ignore[return-value]

    def open(self, by: str, value: str, **more: str) -> Response:
        return self.post("/agent/open", **{"by": by, "value": value, "reason": REASON, **more})


@contextmanager
def opened(untouched: ServingSettings, home: Path) -> Iterator[TestClient]:
    """A client of a server with a copy of the town."""
    own = copy_of(untouched, home)
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


@pytest.fixture
def window(tmp_path: Path, untouched: ServingSettings) -> Iterator[TestClient]:
    with opened(untouched, tmp_path) as client:
        yield client


@pytest.fixture
def agent(window: TestClient) -> Agent:
    return Agent(window)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """One window for all that is refused: it leaves everything as it was."""
    with opened(untouched, tmp_path_factory.mktemp("refusing")) as client:
        yield client


def code_of(window: TestClient, persona: str) -> str:
    """A code as the subject reads it off their page."""
    secret, token = session_of(window.app, persona)
    page = window.post("/account/code", data={"form_token": token}, headers={"cookie": f"{SESSION}={secret}"})
    window.cookies.clear()
    found = re.search(r'<p class="code" role="status">([\d ]+)</p>', page.text)
    assert found is not None
    return found[1]


def later(window: TestClient, by: dt.timedelta) -> None:
    desk = window.app.state.identity  # type: ignore[attr-defined]
    moment = desk.wall() + by
    window.app.state.identity = replace(desk, wall=lambda: moment)  # type: ignore[attr-defined]


def test_without_anybody_open_an_agent_sees_nobody(agent: Agent) -> None:
    assert agent.get(HOME).status_code == 404
    assert agent.get("/agent").status_code == 200


def test_a_code_that_is_read_out_opens_once(window: TestClient, agent: Agent) -> None:
    code = code_of(window, "citizen:c-wang")
    opened = agent.open("code", code)
    assert (opened.status_code, opened.headers["location"]) == (303, HOME)
    assert agent.get(HOME).status_code == 200
    assert agent.get("/citizens/c-li").status_code == 404
    again = Agent(window)
    assert again.open("code", code).status_code == 422


def test_a_code_is_good_for_ten_minutes(window: TestClient, agent: Agent) -> None:
    code = code_of(window, "citizen:c-wang")
    later(window, dt.timedelta(minutes=10))
    assert agent.open("code", code).status_code == 422


def test_one_subject_at_a_time(window: TestClient, agent: Agent) -> None:
    agent.open("code", code_of(window, "citizen:c-wang"))
    agent.open("code", code_of(window, "citizen:c-li"))
    assert agent.get("/citizens/c-li").status_code == 200
    assert agent.get(HOME).status_code == 404
    with reading(window.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        closed = connection.execute(select(opening.c.closed_at).order_by(opening.c.id)).scalars().all()
    assert closed[0] is not None
    assert closed[1] is None


def test_the_limit_ends_it(window: TestClient, agent: Agent) -> None:
    agent.open("code", code_of(window, "citizen:c-wang"))
    later(window, dt.timedelta(minutes=29))
    assert agent.get(HOME).status_code == 200
    later(window, dt.timedelta(minutes=1))
    assert agent.get(HOME).status_code == 404


def test_closing_ends_it_at_once(window: TestClient, agent: Agent) -> None:
    agent.open("code", code_of(window, "citizen:c-wang"))
    assert agent.post("/agent/close").status_code == 303
    assert agent.get(HOME).status_code == 404


def test_a_document_opens_whom_it_names(window: TestClient, agent: Agent) -> None:
    parts = window.app.state.parts  # type: ignore[attr-defined]
    number = "11010119470115001X"
    with writing(parts.engine) as connection:
        record_identity(connection, parts.secrets, "c-wang", "resident_id", number, parts.desk.clock.at())
    assert agent.open("document", number.lower()).status_code == 303
    assert agent.get(HOME).status_code == 200
    with reading(parts.engine) as connection:
        assert number not in repr(connection.execute(select(audit)).all())


def test_a_grant_opens_until_it_is_taken_back(window: TestClient, agent: Agent) -> None:
    parts, at = window.app.state.parts, window.app.state.identity.wall()  # type: ignore[attr-defined]
    assert agent.open("grant", "c-wang").status_code == 422
    with writing(parts.engine) as connection:
        grant_agents(connection, "c-wang", at, at + dt.timedelta(days=1))
    assert agent.open("grant", "c-wang").status_code == 303
    assert agent.get(HOME).status_code == 200
    with writing(parts.engine) as connection:
        withdraw_from_agents(connection, "c-wang", at + dt.timedelta(seconds=1))
    assert agent.get(HOME).status_code == 404


def test_nobody_and_somebody_who_granted_nothing_are_told_alike(agent: Agent) -> None:
    there, none = agent.open("grant", "c-wang"), agent.open("grant", "c-none")
    assert there.status_code == none.status_code == 422
    main = r"(?s)<main.*</main>"
    told = [re.search(main, answer.text) for answer in (there, none)]
    assert told[0] is not None
    assert told[1] is not None
    assert told[0][0] == told[1][0]


def test_delicate_matters_are_shown_only_if_the_subject_asks(window: TestClient, agent: Agent) -> None:
    agent.open("code", code_of(window, "citizen:c-wang"))
    discreet = agent.get(f"{HOME}/items").text.count("<article")
    agent.open("code", code_of(window, "citizen:c-wang"), shows_delicate="true")
    assert agent.get(f"{HOME}/items").text.count("<article") > discreet


def test_it_is_on_record_before_it_is_shown_and_the_reason_with_it(window: TestClient, agent: Agent) -> None:
    agent.open("code", code_of(window, "citizen:c-wang"))
    agent.get(HOME)
    with reading(window.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        rows = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(2)).all()
    read, opened = rows
    assert (opened.action, opened.role, opened.detail["reason"]) == ("open", "agent", REASON)
    assert (read.action, read.role, read.detail["reason"]) == ("read", "agent", REASON)
    assert read.subject_token == opened.subject_token is not None


@pytest.mark.parametrize("form", [{"reason": ""}, {"reason": "因"}, {"by": "curiosity"}, {"value": ""}])
def test_an_opening_without_a_reason_or_a_ground_is_refused(
    refusing: TestClient, form: dict[str, str]
) -> None:
    sent = {"by": "code", "value": "1", "reason": REASON, **form}
    assert Agent(refusing).post("/agent/open", **sent).status_code == 422


def test_nobody_else_has_an_agent_s_desk(refusing: TestClient) -> None:
    for persona in ("citizen:c-li", "official:operator", "official:auditor"):
        secret, _ = session_of(refusing.app, persona)
        refused = refusing.get("/agent", headers={"cookie": f"{SESSION}={secret}"})
        assert refused.status_code == 403


def test_a_proxy_is_appointed_by_the_code_of_the_proxy(window: TestClient) -> None:
    code = code_of(window, "citizen:c-li")
    secret, token = session_of(window.app, "citizen:c-wang")
    form = {"form_token": token, "code": code, "scope": "*", "until": "2027-05-01"}
    granted = window.post("/account/proxies", data=form, headers={"cookie": f"{SESSION}={secret}"})
    assert granted.status_code == 303
    mine, _ = session_of(window.app, "citizen:c-li")
    assert "proxy|c-wang" in window.get("/account", headers={"cookie": f"{SESSION}={mine}"}).text
    form = {"form_token": token, "to": "c-li"}
    window.post("/account/proxies/withdraw", data=form, headers={"cookie": f"{SESSION}={secret}"})
    assert "proxy|c-wang" not in window.get("/account", headers={"cookie": f"{SESSION}={mine}"}).text


@pytest.mark.parametrize(
    "change", [{"until": "2030-01-01"}, {"until": "x"}, {"scope": "theme:none"}, {"code": "1"}]
)
def test_a_proxy_has_a_scope_a_day_and_a_code(refusing: TestClient, change: dict[str, str]) -> None:
    code = code_of(refusing, "citizen:c-li")
    secret, token = session_of(refusing.app, "citizen:c-wang")
    form = {"form_token": token, "code": code, "scope": "*", "until": "2027-05-01", **change}
    refused = refusing.post("/account/proxies", data=form, headers={"cookie": f"{SESSION}={secret}"})
    assert refused.status_code == 422
