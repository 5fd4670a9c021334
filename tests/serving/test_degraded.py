"""What is amiss is told alike by pages, answers, readiness and metrics, and nothing is refused in silence."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope, Send

from features.materialised import note_materialised
from records.last_good import COPIES
from serving.app import create_app
from serving.degraded import HOLD, Condition, degrading
from serving.once_more import OnceMore
from serving.settings import ServingSettings
from serving.shedding import Room, Shedding
from serving.wording import load_words
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import SESSION, SignedInClient, session_of

WORDS = load_words()
PAGE = "/citizens/c-li"


def codes(client: TestClient) -> set[str]:
    return {one["code"] for one in client.get("/ready").json()["degraded"]}


def metric(client: TestClient, line: str) -> str:
    """The value of a metric, asked for from this machine."""
    told = TestClient(client.app, base_url=ADDRESS, client=("127.0.0.1", 5)).get("/metrics").text
    return next(one for one in told.splitlines() if one.startswith(f"{line} ")).rsplit(" ", 1)[1]


def test_every_trouble_a_reader_is_told_of_has_its_words() -> None:
    own = ("records_away", "overloaded")
    for code, consequence in degrading().troubles.items():
        told = consequence.page or code in own
        assert [WORDS[language].has(f"degraded.{code}") for language in ("zh", "en")] == [told, told], code


@pytest.fixture
def unwatched(own_client: TestClient) -> TestClient:
    """A client of a server that does not look by itself whether it is well."""
    own_client.app.state.parts.watch.close()  # type: ignore[attr-defined]
    return own_client


def test_page_answer_readiness_and_metrics_say_the_same(unwatched: TestClient) -> None:
    condition = unwatched.app.state.parts.condition  # type: ignore[attr-defined]
    for code, consequence in degrading().troubles.items():
        condition.begins(code)
        words = WORDS["zh"](f"degraded.{code}") if consequence.page else None
        assert words is None or words in unwatched.get(PAGE).text, code
        told = code in unwatched.get("/v1/citizens/c-li/homepage").json()["degraded"]
        assert told is (consequence.page or code == "model_missing"), code
        assert code in codes(unwatched)
        assert unwatched.get("/ready").json()["pushing_allowed"] is condition.pushes
        label = f'qianmian_trouble{{code="{code}",alarm="{consequence.alarm}"}}'
        assert metric(unwatched, label) == "1"
        assert metric(unwatched, "qianmian_pushing_allowed") == str(int(condition.pushes))


def test_a_trouble_that_passed_is_told_for_a_moment_only() -> None:
    now = [0.0]
    condition = Condition(lambda: now[0])
    condition.begins("online_store_away")
    condition.ends("online_store_away")
    assert condition.told_on_pages == ("online_store_away",)
    now[0] += HOLD
    assert not condition.told_on_pages
    condition.begins("overloaded", passing=True)
    now[0] += HOLD
    assert condition.troubles == ()


def test_metrics_name_nobody_and_are_for_this_machine_and_operators(client: TestClient) -> None:
    client.get(PAGE)
    here = TestClient(client.app, base_url=ADDRESS, client=("127.0.0.1", 5))
    told = here.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "c-li" not in told.text
    assert 'qianmian_answers_total{method="GET",route="/citizens/{id}",status="200"}' in told.text
    assert here.get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 404
    away = TestClient(client.app, base_url=ADDRESS, client=("198.51.100.7", 5))
    assert away.get("/metrics").status_code == 404
    operator, _ = session_of(client.app, "official:operator")
    assert away.get("/metrics", headers={"cookie": f"{SESSION}={operator}"}).status_code == 200
    citizen, _ = session_of(client.app, "citizen:c-li")
    assert away.get("/metrics", headers={"cookie": f"{SESSION}={citizen}"}).status_code == 404


def test_a_damaged_catalogue_leaves_the_last_good_one_serving_and_marked(own_town: ServingSettings) -> None:
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        version = client.get("/ready").json()["catalogue_version"]
    path = own_town.catalogue_path
    assert (path.parent / COPIES / path.name).read_bytes() == path.read_bytes()
    path.write_bytes(path.read_bytes()[:-100])
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        assert client.get("/ready").json()["catalogue_version"] == version
        assert "catalogue_last_good" in codes(client)
        assert WORDS["zh"]("degraded.catalogue_last_good") in client.get(PAGE).text


def test_old_features_are_told_with_their_date(own_town: ServingSettings) -> None:
    at = dt.datetime(2026, 11, 10, 4, 0, tzinfo=dt.UTC)
    note_materialised(own_town.offline_path, at, "any")
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        page = client.get(PAGE).text
        assert WORDS["zh"]("degraded.features_stale") in page
        assert "登记信息截至2026年11月10日" in page
        assert "features_stale" in codes(client)
        assert client.get("/ready").json()["features_at"] == "2026-11-10T04:00:00Z"


def test_a_page_is_shown_while_nothing_can_be_written(
    unwatched: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the session's use nor the question asked can be noted; the page is there all the same."""
    before = unwatched.get(PAGE)
    unwatched.app.state.parts.condition.begins("records_read_only")  # type: ignore[attr-defined]

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a write that a page can do without was tried")

    monkeypatch.setattr("serving.spare_writes.writing", fail)
    page = unwatched.get(PAGE)
    assert (before.status_code, page.status_code) == (200, 200)
    assert WORDS["zh"]("degraded.records_read_only") in page.text


@pytest.mark.parametrize(
    ("code", "problem"),
    [(8, "records-read-only"), (13, "records-full"), (5, "records-busy"), (14, "store-unavailable")],
)
def test_a_decision_that_cannot_be_kept_is_refused_clearly(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch, code: int, problem: str
) -> None:
    """By SQLite's result code: read-only, full, busy, not to be opened."""
    original: Any = Exception("disk")
    original.sqlite_errorcode = code

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE consent", {}, original)

    monkeypatch.setattr("serving.privacy.decisions.writing", fail)
    body = {"purpose": "rank", "theme": "ordinary", "granted": False}
    answer = own_client.put("/v1/citizens/c-li/privacy/consents", json=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["type"] == f"urn:qianmian:problem:{problem}"
    if problem != "store-unavailable":
        assert answer.json()["title"] == "没有保存"


class _Counting:
    """An application that breaks the connection under the first request."""

    def __init__(self, breaks: int) -> None:
        self.asked, self._breaks = 0, breaks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.asked <= self._breaks:
            scope["state"]["records_lost"] = not scope["state"].get("second_time", False)
            await send({"type": "http.response.start", "status": 503, "headers": []})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.mark.parametrize(
    ("method", "breaks", "asked", "status"),
    [("GET", 0, 1, 200), ("GET", 1, 2, 200), ("GET", 2, 2, 503), ("POST", 1, 1, 503)],
)
def test_what_only_reads_is_asked_once_more(method: str, breaks: int, asked: int, status: int) -> None:
    inner, sent = _Counting(breaks), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "state": {}}
    asyncio.run(OnceMore(inner)(scope, receive, send))
    assert inner.asked == asked
    assert [message.get("status") for message in sent] == [status, None]


@pytest.fixture
def crowded(own_town: ServingSettings) -> Iterator[TestClient]:
    """A server with no room for anything dear, but for readers in elder mode."""
    app = create_app(own_town)
    for layer in app.user_middleware:
        if layer.cls is Shedding:  # type: ignore[comparison-overlap]
            layer.kwargs["room"] = Room(dear=0, elder=1, cheap=10)
    with SignedInClient(app, base_url=ADDRESS) as client:
        yield client


def test_own_pages_are_shed_before_the_page_for_all_and_elders_keep_theirs(crowded: TestClient) -> None:
    page = crowded.get(PAGE)
    assert page.status_code == 200
    assert WORDS["zh"]("degraded.overloaded") in page.text
    assert "c-li" not in page.text
    assert crowded.get(PAGE).content == page.content
    told = crowded.get("/v1/citizens/c-li/homepage")
    assert (told.status_code, told.headers["retry-after"]) == (429, "2")
    assert crowded.get("/about/recommendation").status_code == 200
    elder = crowded.get(f"{PAGE}?mode=elder")
    assert elder.status_code == 200
    assert WORDS["zh"]("degraded.overloaded") not in elder.text
    assert "overloaded" in codes(crowded)


def test_without_a_copy_a_damaged_catalogue_is_not_served(own_town: ServingSettings, tmp_path: Path) -> None:
    from serving.errors import NotReady
    from serving.parts import open_parts

    own_town.catalogue_path.write_bytes(b"damaged")
    shutil.rmtree(own_town.catalogue_path.parent / COPIES, ignore_errors=True)
    with pytest.raises(NotReady, match="build it again"):
        open_parts(own_town)
