"""A real server on a socket: nobody can hold it by sending, or by fetching, next to nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from serving import connections
from serving.connections import BoundedConnection

SOON = 0.4
REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads its body, answers with its length; `/early` answers first, `/much` answers a lot."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    read = 0
    message: Message = {"more_body": scope["path"] != "/early"}
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read += len(message.get("body", b""))
    body = b"x" * 50_000_000 if scope["path"] == "/much" else str(read).encode()
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", b"%d" % len(body))],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    for word in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{word}.complete"})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    for limit in ("HEAD_WITHIN", "BODY_WITHIN", "FETCH_WITHIN"):
        monkeypatch.setattr(connections, limit, SOON)
    config = uvicorn.Config(
        application, port=0, http=BoundedConnection, ws="none", log_config=None, timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join()


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    number: int = server.servers[0].sockets[0].getsockname()[1]
    return number


def talk(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def said(line: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    heard = b""
    try:
        while piece := line.recv(65536):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


def test_an_ordinary_request_and_the_next_one_are_answered(port: int) -> None:
    with talk(port) as line:
        for _ in range(2):
            line.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc")
            heard = line.recv(65536)
            assert heard.startswith(b"HTTP/1.1 200")
            assert heard.endswith(b"3")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", REQUEST])
def test_a_head_that_does_not_end_is_cut_off(port: int, begun: bytes) -> None:
    with talk(port) as line:
        line.sendall(begun)
        began = time.monotonic()
        assert said(line) == b""
        assert time.monotonic() - began < 5


def test_a_head_that_trickles_is_cut_off(port: int) -> None:
    with talk(port) as line:
        line.sendall(REQUEST)
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):
            while time.monotonic() - began < 10:
                line.sendall(b"a: b\r\n")
                time.sleep(0.05)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        REQUEST + b"a: " + b"b" * 40_000 + b"\r\n\r\n",
        REQUEST + b"".join(b"h%d: v\r\n" % n for n in range(6000)) + b"\r\n",
        REQUEST + b"a: " + b"b" * 200_000,
    ],
)
def test_a_large_head_is_refused(port: int, head: bytes) -> None:
    with talk(port) as line:
        line.sendall(head)
        heard = said(line)
        # What is still unread when the server closes resets the connection, and may take the answer along.
        assert heard == b"" or heard.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("path", [b"/", b"/early"])
def test_a_body_that_trickles_is_cut_off(port: int, path: bytes) -> None:
    with talk(port) as line:
        line.sendall(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):
            while time.monotonic() - began < 10:
                line.sendall(b"a")
                time.sleep(0.05)
        assert time.monotonic() - began < 5


def test_an_answer_that_nobody_fetches_is_given_up(server: uvicorn.Server, port: int) -> None:
    with talk(port) as line:
        line.sendall(b"GET /much HTTP/1.1\r\nhost: x\r\n\r\n")
        assert line.recv(1) == b"H"
        assert server.server_state.connections
        deadline = time.monotonic() + 10
        while server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not server.server_state.connections


def test_limits_of_a_real_server_are_no_shorter_than_people_need() -> None:
    assert connections.HEAD_WITHIN >= 5
    assert connections.BODY_WITHIN >= 20
    assert asyncio.Protocol in BoundedConnection.__mro__
