"""Limits of size, time and number on the real server: each refusal is a problem, and says what to do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from serving import body_limit
from serving.app import LARGEST_BODY, create_app
from serving.body_limit import BodyLimit, Depth
from serving.headers import HEADERS, STRICT_TRANSPORT, SecurityHeaders
from serving.overload import LimitsUnknown
from serving.rate_limits import RateLimits
from serving.request_limits import LONGEST_ADDRESS, RequestLimits
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import SignedInClient


@pytest.fixture
def limited(own_town: ServingSettings) -> Iterator[TestClient]:
    """A server that allows a fiftieth of the usual."""
    strict = own_town.model_copy(update={"rate_limit_factor": 0.02})
    with SignedInClient(create_app(strict), base_url=ADDRESS) as client:
        yield client


def test_an_address_that_asks_too_much_is_told_when_to_come_back(limited: TestClient) -> None:
    answers = [limited.get("/notice-that-is-not-there") for _ in range(70)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert answers[-1].status_code == 429
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].headers["ratelimit-remaining"] == "0"
    assert refused[0].headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert refused[0].headers["content-type"].startswith("text/html")
    assert limited.get("/static/qianmian.css").status_code == 200
    assert limited.get("/health").status_code == 200


def test_a_caller_that_asks_too_much_is_told_so_as_a_problem(limited: TestClient) -> None:
    answers = [limited.get("/v1/citizens/c-li/homepage") for _ in range(26)]
    assert answers[0].status_code == 200
    last = answers[-1]
    assert last.status_code == 429
    assert last.headers["content-type"] == "application/problem+json"
    assert last.json()["type"] == "urn:qianmian:problem:too-many-requests"


def test_pages_open_and_searches_close_while_nobody_counts(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Any = own_client.app
    limits: RateLimits = app.state.limits

    def away(*_: object, **__: object) -> bool:
        raise ConnectionError

    monkeypatch.setattr(limits._limiter, "hit", away)
    assert own_client.get("/citizens/c-li").status_code == 200
    for group in ("staff_search", "push"):
        with pytest.raises(LimitsUnknown):
            limits.check(group, "caller", "login-1")  # type: ignore[arg-type]


def test_a_long_address_is_refused(client: TestClient) -> None:
    for path in ("/" + "a" * LONGEST_ADDRESS, "/?q=" + "a" * LONGEST_ADDRESS):
        answer = client.get(path)
        assert answer.status_code == 414
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/v1/" + "a" * LONGEST_ADDRESS).json()["status"] == 414


def test_a_large_or_deep_body_is_refused(client: TestClient) -> None:
    large = client.post("/v1/interactions", content=b" " * (LARGEST_BODY + 1))
    assert large.status_code == 413
    deep = client.post("/v1/interactions", content=b"[" * 1000, headers={"content-type": "application/json"})
    assert deep.status_code == 400
    assert deep.headers["content-type"] == "application/problem+json"


def nested(depth: int) -> str:
    return '{"a": [' * (depth // 2) + '"[[[{{{\\"["' + "]}" * (depth // 2)


@given(st.integers(0, 40), st.lists(st.integers(1, 20), max_size=30))
def test_depth_is_counted_across_pieces_and_not_within_quotes(depth: int, cuts: list[int]) -> None:
    body, counted, deepest = nested(2 * depth).encode(), Depth(), 0
    for cut in cuts:
        deepest = max(deepest, counted.after(body[:cut]))
        body = body[cut:]
    assert max(deepest, counted.after(body)) == 2 * depth


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_depth_is_that_of_the_value(value: object) -> None:
    def of(one: object) -> int:
        within = one.values() if isinstance(one, dict) else one if isinstance(one, list) else None
        return 0 if within is None else 1 + max(map(of, within), default=0)

    assert Depth().after(json.dumps(value).encode()) == of(value)


async def ask(app: Any, receive: Receive, path: str = "/v1/x") -> list[Message]:
    """What a layer answers one request with; the words come from a real application."""
    heard: list[Message] = []

    async def send(message: Message) -> None:
        heard.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "app": REAL,
        "state": {},
    }
    await app(scope, receive, send)
    return heard


REAL: FastAPI = create_app(ServingSettings())


async def nothing_comes() -> Message:
    await asyncio.sleep(30)
    return {"type": "http.disconnect"}


async def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "WITHIN", 0.05)
    raised: list[BaseException] = []

    async def reads(_scope: Scope, receive: Receive, _send: Send) -> None:
        try:
            await receive()
        except Exception as error:
            raised.append(error)

    await ask(BodyLimit(reads, most=10), nothing_comes)
    assert getattr(raised[0], "status_code", None) == 408


async def test_a_handler_that_does_not_answer_is_answered_for() -> None:
    ended = asyncio.Event()

    async def stuck(_scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await asyncio.shield(asyncio.sleep(0.3))
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        ended.set()

    began = time.monotonic()
    heard = await ask(RequestLimits(stuck, within=0.05), nothing_comes)
    assert time.monotonic() - began < 0.25
    assert [message["status"] for message in heard if "status" in message] == [503]
    assert (b"retry-after", b"30") in heard[0]["headers"]
    await ended.wait()
    assert [message["status"] for message in heard if "status" in message] == [503], "only one answer"


async def test_what_streams_may_take_longer() -> None:
    async def streams(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.15)
        await send({"type": "http.response.body", "body": b"late"})

    heard = await ask(RequestLimits(streams, within=0.05), nothing_comes)
    assert heard[-1]["body"] == b"late"


async def test_an_error_of_a_handler_comes_through() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(RequestLimits(fails, within=1), nothing_comes)


@pytest.mark.parametrize("strict", [True, False])
async def test_only_production_demands_https_for_good(strict: bool) -> None:
    async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    heard = await ask(SecurityHeaders(answers, strict_transport=strict), nothing_comes)
    said = {name.decode(): value.decode() for name, value in heard[0]["headers"]}
    expected = STRICT_TRANSPORT["Strict-Transport-Security"] if strict else None
    assert said.get("strict-transport-security") == expected
    assert said["cache-control"] == "private, no-store"
