"""Every route of the application, asked by nobody, in every role, and by two subjects about each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from records.database import writing
from records.tables import relation
from serving.app import create_app
from serving.identity.access import PUBLIC, Access
from serving.identity.actor import Role
from serving.identity.declared import UndeclaredAccess, check_declared, declared
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import SESSION, session_of, token_of

APP = create_app(ServingSettings())
ROUTES = [
    pytest.param(method, path, access, id=f"{method} {path}")
    for path, methods, access in declared(APP)
    for method in sorted(methods - {"HEAD", "OPTIONS"})
    if access is not None
]
ABOUT = [
    param for param in ROUTES if isinstance(param.values[2], Access) and param.values[2].kind is not None
]
READ = [param for param in ABOUT if param.values[0] == "GET" and param.values[2].kind == "citizen"]  # type: ignore[union-attr]
CLOSED = [
    param for param in ROUTES if isinstance(param.values[2], Access) and param.values[2].roles is not None
]
OFFICIALS = ("agent", "operator", "data_scientist", "auditor", "channel")
SUBJECTS = {"citizen": ("c-li", "c-wang"), "enterprise": ("e-soft", "e-bakery")}
OTHERS = {"item": "cs-birth-registration", "event": "le-birth"}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """A server of this module's own, with limits out of the way of so many questions."""
    own = copy_of(untouched, tmp_path_factory.mktemp("doors"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


@pytest.fixture(autouse=True)
def unlimited(doors: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: Any = getattr(doors.app.state, "limits", None)  # type: ignore[attr-defined]
    if limits is not None:
        monkeypatch.setattr(type(limits), "check", lambda *_, **__: None)


def address(path: str, subject: str) -> str:
    filled = path.replace("{id}", subject)
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: OTHERS.get(m[1], "x"), filled)


def ask(doors: TestClient, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
    sent: dict[str, Any] = {} if method in ("GET", "DELETE") else {"data": {}}
    answer = doors.request(method, path, headers=headers, **sent)
    doors.cookies.clear()
    return answer


def told(answer: Any) -> str:
    """What an answer tells, less the header that names the caller's own roles."""
    return str(answer.text.split("<main")[-1])


def test_every_route_declares_its_access() -> None:
    assert [path for path, _, access in declared(APP) if access is None] == []


@pytest.mark.parametrize("dependencies", [[], [PUBLIC.needed, PUBLIC.needed]])
def test_an_application_with_a_route_that_does_not_say_refuses_to_start(dependencies: list[Any]) -> None:
    app = FastAPI(openapi_url=None)
    app.get("/quiet", dependencies=dependencies)(lambda: None)
    with pytest.raises(UndeclaredAccess, match="/quiet"):
        check_declared(app)


@pytest.mark.parametrize(("method", "path", "access"), CLOSED)
def test_nobody_gets_in(doors: TestClient, method: str, path: str, access: Access) -> None:
    for subject in ("c-li", "e-soft", "c-none"):
        answer = ask(doors, method, address(path, subject))
        if path.startswith("/v1/"):
            assert answer.status_code in (401, 422), "nobody, or a body that is nothing"
        else:
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")


@pytest.mark.parametrize(("method", "path", "access"), ABOUT)
def test_two_subjects_do_not_reach_each_other(
    doors: TestClient, method: str, path: str, access: Access
) -> None:
    assert access.kind is not None
    one, other = SUBJECTS[access.kind.value]
    for mine, theirs in ((one, other), (other, one), (one, "c-none")):
        headers = credentials(doors, f"{access.kind.value}:{mine}", method, path)
        answer = ask(doors, method, address(path, theirs), headers)
        assert answer.status_code in (404, 422)
        assert "小满" not in told(answer)
        assert "陈师傅" not in told(answer)


@pytest.mark.parametrize("official", OFFICIALS)
@pytest.mark.parametrize(("method", "path", "access"), CLOSED)
def test_an_official_reaches_what_the_office_says_and_nobody_s_page(
    doors: TestClient, method: str, path: str, access: Access, official: str
) -> None:
    headers = credentials(doors, f"official:{official}", method, path)
    subject = "c-li" if access.kind is None else SUBJECTS[access.kind.value][0]
    answer = ask(doors, method, address(path, subject), headers)
    if access.kind is not None:
        assert answer.status_code in (404, 422), "as if there were no such subject"
        assert "小满" not in told(answer)
    elif access.roles is not None and Role(official) not in access.roles:
        assert answer.status_code in (403, 422)


@pytest.mark.parametrize(("method", "path", "access"), READ)
def test_a_proxy_for_a_child_s_affairs_alone_sees_nothing_else(
    doors: TestClient, method: str, path: str, access: Access
) -> None:
    with writing(doors.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        connection.execute(relation.delete())
        row = {"subject": "c-wang", "other": "c-li", "kind": "guardian", "scope": "c-li-child-1"}
        connection.execute(relation.insert().values(**row))
    try:
        headers = {"authorization": f"Bearer {token_of(doors.app, 'citizen:c-wang')}"}
        answer = ask(doors, method, address(path, "c-li"), headers)
        assert answer.status_code != 500
        assert "京A·D1234" not in told(answer)
        assert "小雨" not in told(answer)
    finally:
        with writing(doors.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
            connection.execute(relation.delete())


def credentials(doors: TestClient, persona: str, method: str, path: str) -> dict[str, str]:
    """A token for the interface, a session with its form token for pages."""
    if "/sessions" in path:
        # It may end every other session of the login: none that was kept is of use afterwards.
        doors.__dict__.pop("_known", None)
    if path.startswith("/v1/"):
        return {"authorization": f"Bearer {kept(doors, token_of, persona)}"}
    # A form may end the session it comes with.
    secret, token = kept(doors, session_of, persona) if method == "GET" else session_of(doors.app, persona)
    return {"cookie": f"{SESSION}={secret}"} | ({} if method == "GET" else {"x-form-token": token})


def kept(doors: TestClient, get: Any, persona: str) -> Any:
    """A credential that is got once."""
    known = doors.__dict__.setdefault("_known", {})
    if (get, persona) not in known:
        known[get, persona] = get(doors.app, persona)
    return known[get, persona]
