"""Every error is told by one map, to programs as problem+json and to people as a page."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from records.last_good import COPIES
from serving.app import create_app
from serving.errors import PROBLEMS, Problem, UnknownItem, problem_of
from serving.headers import HEADERS
from serving.parts import open_parts
from serving.settings import ServingSettings
from serving.wording import load_words
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import SignedInClient

WORDS = load_words()


@pytest.fixture
def breaking(town: ServingSettings) -> Iterator[TestClient]:
    """A client that answers for unexpected errors as a server would, instead of raising them."""
    with SignedInClient(create_app(town), base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/citizens/c-nobody/homepage", 404, "unknown-subject"),
        ("/v1/citizens/e-soft/homepage", 404, "unknown-subject"),
        ("/v1/enterprises/c-li/policy-package", 404, "unknown-subject"),
        ("/v1/public-services/cs-nowhere", 404, "unknown-item"),
        ("/v1/support-policies/cs-birth-registration", 404, "unknown-item"),
        ("/v1/citizens/c-li/assessments/es-annual-report", 404, "unknown-item"),
        ("/v1/nowhere", 404, "not-found"),
        ("/v1/interactions", 405, "method-not-allowed"),
    ],
)
def test_programs_get_a_problem(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:qianmian:problem:{code}"
    assert (problem["status"], problem["instance"]) == (status, path)
    assert problem["title"] == WORDS["zh"](f"error.{code}.title")
    assert client.get(path, params={"lang": "en"}).json()["title"] == WORDS["en"](f"error.{code}.title")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/citizens/c-nobody", 404, "unknown-subject"),
        ("/enterprises/c-li", 404, "unknown-subject"),
        ("/public-services/cs-nowhere", 404, "unknown-item"),
        ("/public-services/cs-birth-registration?subject=someone", 404, "unknown-subject"),
        ("/citizens/c-li/items?theme=nowhere", 404, "unknown-item"),
        ("/citizens/c-li/items?standing=not_eligible", 422, "invalid-request"),
        ("/nowhere", 404, "not-found"),
        ("/static/nowhere.css", 404, "not-found"),
    ],
)
def test_people_get_a_page(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert WORDS["zh"](f"error.{code}.title") in answer.text
    assert 'href="/"' in answer.text


def test_every_problem_has_its_words_in_both_languages() -> None:
    for words in WORDS.values():
        for key in words.strings:
            if key.startswith("error.") and key.endswith(".title") and key.count(".") == 2:
                code = key.split(".")[1]
                filled = {"id": "x", "n": 2, "reason": "x", "scope": "x", "day": "x"}
                assert Problem(code, 500, filled).detail(words)


def test_a_kind_of_error_is_told_as_its_nearest_ancestor() -> None:
    assert problem_of(OperationalError("select", {}, Exception())).code == "store-unavailable"
    assert problem_of(UnknownItem("x")) == Problem("unknown-item", 404, {"id": "x"})
    assert problem_of(ZeroDivisionError()).status == 500
    assert all(issubclass(kind, Exception) for kind in PROBLEMS)


@pytest.mark.parametrize(
    ("path", "kind"), [("/v1/citizens/c-li/homepage", "json"), ("/citizens/c-li", "html")]
)
def test_an_unexpected_error_tells_nothing_of_itself(
    breaking: TestClient,
    path: str,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("c-li owes 42")

    monkeypatch.setattr("serving.desk.compose", fail)
    with caplog.at_level(logging.ERROR, logger="qianmian.serving"):
        answer = breaking.get(path)
    assert answer.status_code == 500
    assert kind in answer.headers["content-type"]
    assert "42" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    said = [record.getMessage() for record in caplog.records if record.name == "qianmian.serving"]
    assert said
    assert not any("c-li" in line for line in said), "who was asked about stays out of the log"


def test_a_store_that_does_not_answer_is_told_as_such(
    breaking: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT secret", {"subject": "c-li"}, Exception("disk"))

    monkeypatch.setattr("serving.desk.consents_of", fail)
    for path in ("/v1/citizens/c-li/homepage", "/citizens/c-li/items"):
        answer = breaking.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "secret" not in answer.text


def test_the_page_of_all_stands_in_for_a_homepage_whose_records_do_not_answer(
    breaking: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT secret", {"subject": "c-li"}, Exception("disk"))

    monkeypatch.setattr("serving.desk.consents_of", fail)
    answer = breaking.get("/citizens/c-li")
    assert answer.status_code == 200
    assert WORDS["zh"]("degraded.records_away") in answer.text
    assert "c-li" not in answer.text
    assert "secret" not in answer.text


def test_a_server_without_a_catalogue_says_how_to_make_one(tmp_path: object) -> None:
    from serving.errors import NotReady

    settings = ServingSettings(home=tmp_path)  # type: ignore[arg-type]
    with pytest.raises(NotReady, match="qianmian catalog build"):
        open_parts(settings)


def test_a_damaged_catalogue_is_not_served(own_town: ServingSettings) -> None:
    from serving.errors import NotReady

    content = bytearray(own_town.catalogue_path.read_bytes())
    content[len(content) // 2] ^= 0x01
    own_town.catalogue_path.write_bytes(content)
    shutil.rmtree(own_town.catalogue_path.parent / COPIES, ignore_errors=True)
    with pytest.raises(NotReady, match="build it again"):
        open_parts(own_town)
