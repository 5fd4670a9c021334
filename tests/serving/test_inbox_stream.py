"""The inbox live: each message once to whom it concerns, on any process, resumed where it broke off."""

from __future__ import annotations

import datetime as dt
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from records.database import writing
from records.inbox import Message, mark_read, told
from records.sessions import change_hat, end_session, session_of
from records.tables import relation, session
from records.telling import tell, untell
from serving.inbox.sight import MOST_SHOWN
from serving.inbox.watch import MOST_OF_A_CALLER
from serving.settings import ServingSettings
from tests.serving.conftest import copy_of
from tests.serving.live_server import Live, live
from tests.serving.signing_in import SESSION, token_of
from tests.serving.signing_in import session_of as begin
from tests.serving.test_inbox_api import AT, message

SOON = 20.0
"""Seconds to wait for what comes within one on an idle machine."""
Event = tuple[str, str | None, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> ServingSettings:
    own = copy_of(untouched, tmp_path_factory.mktemp("live"))
    return own.model_copy(update={"rate_limit_factor": 1_000})


@pytest.fixture(scope="module")
def one(home: ServingSettings) -> Iterator[Live]:
    with live(home) as server:
        yield server


@pytest.fixture(scope="module")
def other(home: ServingSettings, one: Live) -> Iterator[Live]:
    with live(home) as server:
        yield server


class Stream:
    """What came of a stream, read in a thread of its own."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.came: queue.Queue[Event] = queue.Queue()
        self.status, self.comments, self.answered = 0, 0, threading.Event()
        self.body = ""
        self.ended = threading.Event()
        self._client = httpx.Client(timeout=httpx.Timeout(10, read=120))
        self._thread = threading.Thread(target=self._read, args=(url, headers), daemon=True)
        self._thread.start()
        assert self.answered.wait(SOON), "no answer"

    def _read(self, url: str, headers: dict[str, str]) -> None:
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                self.status, self.headers = answer.status_code, answer.headers
                self.answered.set()
                if answer.status_code != 200:
                    self.body = answer.read().decode()
                else:
                    self._events(answer)
        except httpx.HTTPError:
            pass
        finally:
            self.answered.set()
            self.ended.set()

    def _events(self, answer: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                self.came.put((fields["event"], fields.get("id"), json.loads(fields["data"])))
                fields = {}
            else:
                fields = {}

    def next(self, kind: str) -> Event:
        """The next event of a kind; others on the way are dropped."""
        while True:
            event = self.came.get(timeout=SOON)
            if event[0] == kind:
                return event

    def silent(self, seconds: float = 1.5) -> bool:
        time.sleep(seconds)
        return not [event for event in list(self.came.queue) if event[0] == "message"]

    def close(self) -> None:
        self._client.close()


@contextmanager
def streaming(server: Live, headers: dict[str, str], query: str = "") -> Iterator[Stream]:
    opened = Stream(f"{server.address}/v1/inbox/stream{query}", headers)
    try:
        yield opened
    finally:
        opened.close()


def by_session(app: FastAPI, persona: str) -> tuple[dict[str, str], str]:
    secret, _ = begin(app, persona)
    return {"cookie": f"{SESSION}={secret}"}, secret


def say(server: Live, *messages: Message) -> dict[str, int]:
    parts = server.app.state.parts
    with writing(parts.engine) as connection:
        tell(connection, messages, AT)
        return {
            each.message.key: each.id
            for who in {one.subject for one in messages}
            for each in told(connection, who, closed=True)
        }


def test_a_message_comes_to_its_subject_and_to_nobody_else(one: Live) -> None:
    mine, _ = by_session(one.app, "citizen:c-li")
    theirs, _ = by_session(one.app, "citizen:c-wang")
    with streaming(one, mine) as li, streaming(one, theirs) as wang:
        assert (li.status, li.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
        assert "no-store" in li.headers["cache-control"]
        li.next("state")
        wang.next("state")
        began = time.monotonic()
        ids = say(one, message("s1"), message("s2", "c-wang"))
        _, id_, data = li.next("message")
        took = time.monotonic() - began
        assert (id_, data["id"], data["names"]["en"]) == (str(ids["s1"]), ids["s1"], "Message s1")
        assert wang.next("message")[2]["names"]["en"] == "Message s2"
        assert li.silent()
        assert wang.silent()
        assert took < SOON


@pytest.mark.slow
def test_a_stream_goes_on_where_it_broke_off_on_any_process(one: Live, other: Live) -> None:
    mine, _ = by_session(one.app, "enterprise:e-soft")
    with streaming(one, mine) as first:
        first.next("state")
        ids = say(one, message("r1", "e-soft"))
        assert first.next("message")[1] == str(ids["r1"])
    later = say(other, message("r2", "e-soft"), message("r3", "e-soft"))
    with streaming(other, {**mine, "last-event-id": str(ids["r1"])}) as second:
        came = [second.next("message")[1] for _ in range(2)]
        assert came == [str(later["r2"]), str(later["r3"])]
        assert sorted(second.next("state")[2]["open"]) == sorted(later.values())
        assert second.silent(), "nothing comes twice"
    with streaming(one, mine, f"?after={later['r2']}") as third:
        assert third.next("message")[1] == str(later["r3"])
    with streaming(one, mine) as fresh:
        fresh.next("state")
        assert fresh.silent(), "what was there before is on the page"


def test_what_is_read_or_closed_changes_the_state(one: Live, other: Live) -> None:
    mine, _ = by_session(one.app, "enterprise:e-bakery")
    with streaming(one, mine) as opened:
        before = opened.next("state")[2]
        id_ = say(one, message("c1", "e-bakery"))["c1"]
        now = opened.next("state")[2]
        assert (now["open"], now["unread"]) == ([*before["open"], id_], before["unread"] + 1)
        with writing(other.app.state.parts.engine) as connection:
            mark_read(connection, "e-bakery", id_, AT)
        assert opened.next("state")[2]["unread"] == before["unread"]
        with writing(other.app.state.parts.engine) as connection:
            untell(connection, "e-bakery", ["c1"], AT, "done")
        assert opened.next("state")[2] == before


def test_a_long_inbox_is_live_down_to_its_oldest_message(one: Live) -> None:
    """What is read far down wakes the stream, and whoever was away for long misses nothing."""
    mine, _ = by_session(one.app, "enterprise:e-bakery")
    ids = say(one, *(message(f"long-{n:03}", "e-bakery") for n in range(MOST_SHOWN + 5)))
    told_of = [ids[f"long-{n:03}"] for n in range(MOST_SHOWN + 5)]
    with streaming(one, mine, f"?after={told_of[0]}") as opened:
        came = [int(opened.next("message")[1] or 0) for _ in told_of[1:]]
        assert came == told_of[1:]
        state = opened.next("state")[2]
        assert set(told_of) <= set(state["open"])
        with writing(one.app.state.parts.engine) as connection:
            mark_read(connection, "e-bakery", told_of[0], AT)
        assert opened.next("state")[2]["unread"] == state["unread"] - 1


def test_signing_out_ends_the_stream(one: Live) -> None:
    mine, secret = by_session(one.app, "citizen:c-zhao")
    with streaming(one, mine) as opened:
        opened.next("state")
        with writing(one.app.state.parts.engine) as connection:
            end_session(connection, secret)
        assert opened.ended.wait(SOON)
    with streaming(one, mine) as again:
        assert again.status == 401


def test_an_expired_session_and_another_hat_end_it_before_anything_more_is_told(one: Live) -> None:
    engine, desk = one.app.state.parts.engine, one.app.state.identity
    with writing(engine) as connection:
        row = {"subject": "c-zhao", "other": "e-bakery", "kind": "staff", "scope": "*"}
        connection.execute(insert(relation).values(**row))
    for end in ("expire", "hat"):
        mine, secret = by_session(one.app, "citizen:c-zhao")
        with streaming(one, mine) as opened:
            opened.next("state")
            with writing(engine) as connection:
                if end == "expire":
                    past = desk.wall() - dt.timedelta(days=2)
                    ended = {"began_at": past, "seen_at": past, "ends_at": past}
                    connection.execute(session.update().values(**ended))
                else:
                    limits = {name: each.idle for name, each in desk.settings.limits.items()}
                    now = session_of(connection, secret, desk.wall(), limits)
                    assert now is not None
                    change_hat(connection, now, "staff|e-bakery", desk.wall())
            say(one, message(f"after-{end}", "c-zhao"))
            assert opened.ended.wait(SOON)
            assert opened.silent(0)
    with writing(engine) as connection:
        connection.execute(relation.delete().where(relation.c.kind == "staff"))


def test_looking_on_keeps_no_session_alive(one: Live) -> None:
    engine = one.app.state.parts.engine
    mine, _ = by_session(one.app, "citizen:c-li")
    with streaming(one, mine) as opened:
        opened.next("state")
        with writing(engine) as connection:
            seen_at = one.app.state.identity.wall() - dt.timedelta(minutes=5)
            connection.execute(session.update().values(seen_at=seen_at))
        say(one, message("idle"))
        opened.next("message")
        with writing(engine) as connection:
            assert set(connection.execute(session.select()).mappings().all()[0].keys()) >= {"seen_at"}
            assert {row.seen_at for row in connection.execute(session.select())} == {seen_at}


def test_a_program_streams_what_its_token_reaches(one: Live) -> None:
    token = {"authorization": f"Bearer {token_of(one.app, 'citizen:c-wang')}"}
    with streaming(one, token, "?subject=citizen:c-li") as stranger:
        assert stranger.status == 404
    with streaming(one, token, "?subject=citizen:c-wang") as own:
        assert own.status == 200
        own.next("state")
    narrow = {"authorization": f"Bearer {token_of(one.app, 'citizen:c-wang', ('assess',))}"}
    with streaming(one, narrow) as refused:
        assert refused.status == 403
    agent = {"authorization": f"Bearer {token_of(one.app, 'official:agent')}"}
    with streaming(one, agent) as idle:
        assert idle.status == 422


@pytest.mark.slow
def test_one_caller_has_so_many_streams_and_no_more(one: Live) -> None:
    mine, _ = by_session(one.app, "citizen:c-wang")
    none_left(one)
    opened = [Stream(f"{one.address}/v1/inbox/stream", mine) for _ in range(MOST_OF_A_CALLER)]
    try:
        assert {each.status for each in opened} == {200}
        with streaming(one, mine) as more:
            assert more.status == 429
            assert "retry-after" in more.headers
    finally:
        for each in opened:
            each.close()
    none_left(one)
    with streaming(one, mine) as again:
        assert again.status == 200


def none_left(server: Live) -> None:
    """Wait until every stream that was closed is known to be."""
    deadline = time.monotonic() + SOON
    while server.app.state.inbox_watch.open:
        assert time.monotonic() < deadline, "closed streams still count"
        time.sleep(0.05)


@pytest.mark.parametrize("wrong", ["x", "1.5", "-1", "9" * 30])
def test_a_last_id_that_is_none_is_refused(one: Live, wrong: str) -> None:
    mine, _ = by_session(one.app, "citizen:c-li")
    with streaming(one, {**mine, "last-event-id": wrong}) as refused:
        assert refused.status == 422


def test_an_open_stream_does_not_hold_up_the_end_of_a_server(home: ServingSettings) -> None:
    with live(home) as server:
        mine, _ = by_session(server.app, "citizen:c-li")
        with streaming(server, mine) as opened:
            opened.next("state")
            began = time.monotonic()
            server.server.should_exit = True
            server.thread.join(timeout=30)
            assert not server.thread.is_alive()
            assert time.monotonic() - began < 10
            assert opened.ended.wait(SOON)
