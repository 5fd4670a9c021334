"""E-mail over real connections: envelopes refused, letters refused, servers gone, and the dots of letters."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import AsyncMessage
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mail_sink import Sink
from serving.delivery.by_mail import ByMail
from serving.delivery.mail_server import MailServer
from serving.delivery.parcel import Parcel
from serving.delivery.settings import DeliverySettings
from serving.delivery.wording import word
from tests.serving.delivery.parcels import ADDRESS, UNSUBSCRIBE, parcel

NOW = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=36_500)
MANY = [parcel(key=f"{n:032x}", address=f"p{n}@example.cn") for n in range(5)]
Refuse = Callable[[str, str], bytes | None]


@contextmanager
def sink(
    refuse: Refuse = lambda command, argument: None, pipelining: bool = True
) -> Iterator[tuple[int, list[bytes]]]:
    """A mail server in a thread: its port, and the letters it took."""
    kept: list[bytes] = []
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), 0

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(
            Sink(kept.append, refuse, pipelining=pipelining).talk, "127.0.0.1", 0, limit=1 << 24
        )

    def run() -> None:
        nonlocal port
        server = loop.run_until_complete(serve())
        port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    yield port, kept
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def settings(port: int, **more: Any) -> DeliverySettings:
    return DeliverySettings(
        mail_host="127.0.0.1", mail_port=port, mail_security="none", gateway_timeout=2, **more
    )


def sent(port: int, parcels: list[Parcel], note: bool = True, **more: Any) -> list[tuple[str, str | None]]:
    way = ByMail(
        settings(port, **more),
        lambda one: word(one, ADDRESS, UNSUBSCRIBE),
        lambda one, receipt: note,
        lambda: NOW,
    )
    try:
        outcomes = {one.key: (one.verdict, one.code) for one in way.send(parcels, LATER)}
        return [outcomes[each.key] for each in parcels]
    finally:
        way.close()


@pytest.mark.parametrize("pipelining", [True, False])
def test_letters_arrive_whole(pipelining: bool) -> None:
    with sink(pipelining=pipelining) as (port, kept):
        assert sent(port, MANY) == [("delivered", None)] * 5
    ids = sorted(message_from_bytes(raw, policy=policy.default)["Message-ID"] for raw in kept)
    assert ids == [f"<{n:032x}@qianmian.example>" for n in range(5)]


def test_several_connections_share_the_letters() -> None:
    with sink() as (port, kept):
        assert sent(port, MANY, mail_connections=3) == [("delivered", None)] * 5
    assert len(kept) == 5


def test_another_server_takes_them_too() -> None:
    class Kept(AsyncMessage):
        async def handle_message(self, message: Any) -> None:
            got.append(message)

    got: list[Any] = []
    controller = Controller(Kept(), hostname="127.0.0.1", port=0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    try:
        assert sent(controller.port, MANY) == [("delivered", None)] * 5
    finally:
        controller.stop()
    assert [message["X-RcptTo"] for message in got] == [f"p{n}@example.cn" for n in range(5)]
    assert {message["X-MailFrom"] for message in got} == {"noreply@qianmian.example"}


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        ("rcpt", b"550 no such user\r\n", ("permanent", "smtp_rcpt_550")),
        ("rcpt", b"450 later\r\n", ("temporary", "smtp_rcpt_450")),
        ("text", b"451 later\r\n", ("temporary", "smtp_text_451")),
        ("text", b"554 refused\r\n", ("permanent", "smtp_text_554")),
        ("data", b"554 refused\r\n", ("permanent", "smtp_data_554")),
    ],
)
def test_a_refused_letter_is_refused_alone(
    pipelining: bool, command: str, reply: bytes, outcome: tuple[str, str]
) -> None:
    count = 0

    def refuse(said: str, argument: str) -> bytes | None:
        nonlocal count
        count += said == command
        return reply if said == command and count == 3 else None

    with sink(refuse, pipelining) as (port, kept):
        expected = [("delivered", None)] * 5
        expected[2] = outcome  # type: ignore[call-overload]
        assert sent(port, MANY) == expected
    assert len(kept) == 4


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("command", "reply", "code"),
    [
        ("mail", b"550 you may not\r\n", "smtp_mail_550"),
        ("mail", b"421 closing\r\n", "smtp_mail_421"),
        ("text", b"421 closing\r\n", "smtp_text_421"),
        ("rcpt", b"530 sign in first\r\n", "smtp_rcpt_530"),
    ],
)
def test_where_the_way_is_closed_the_rest_is_not_tried(
    pipelining: bool, command: str, reply: bytes, code: str
) -> None:
    with sink(lambda said, argument: reply if said == command else None, pipelining) as (port, kept):
        outcomes = sent(port, MANY)
        assert outcomes[0][0] == "channel"
        assert outcomes[0][1] in {code, "SMTPServerDisconnected"}
        assert outcomes[1:] == [("unsent", None)] * 4
    assert kept == []


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert sent(port, MANY) == [("channel", "ConnectionRefusedError"), *[("unsent", None)] * 4]


def test_a_server_without_starttls_gets_nothing() -> None:
    with sink() as (port, kept):
        way = ByMail(
            DeliverySettings(mail_host="127.0.0.1", mail_port=port, gateway_timeout=2),
            lambda one: word(one, ADDRESS, None),
            lambda one, receipt: True,
            lambda: NOW,
        )
        assert [one.code for one in way.send(MANY[:1], LATER)] == ["SMTPNotSupportedError"]
    assert kept == []


def test_where_it_cannot_be_noted_nothing_more_is_sent() -> None:
    with sink() as (port, kept):
        assert sent(port, MANY, note=False) == [("delivered", None), *[("unsent", None)] * 4]
    assert len(kept) == 1


def test_what_expired_meanwhile_is_not_sent() -> None:
    with sink() as (port, kept):
        assert sent(port, [parcel(expires_at=NOW)]) == [("unsent", "expired")]
    assert kept == []


def test_a_row_that_cannot_be_said_is_given_up_and_the_rest_goes_on() -> None:
    poison = parcel({"template": "unheard-of"}, key="b" * 32)
    with sink() as (port, _kept):
        assert sent(port, [poison, MANY[0]]) == [("permanent", "unsayable"), ("delivered", None)]


@given(
    st.lists(st.sampled_from([b".", b"..", b".\r\n", b"a", b"\r\n", b"\r\n.\r\n", b"QUIT\r\n"]), max_size=12)
)
def test_no_letter_can_end_itself(parts: list[bytes]) -> None:
    letter = b"".join(parts) + b"end\r\n"
    with _shared_sink() as (server, kept):
        assert server.hand_over("a@example.cn", "b@example.cn", letter).code == 250
        assert kept[-1] == letter


@contextmanager
def _shared_sink() -> Iterator[tuple[MailServer, list[bytes]]]:
    if not _OPEN:
        opened = sink()
        port, kept = opened.__enter__()
        _OPEN.append((opened, MailServer(settings(port)), kept))
    yield _OPEN[0][1:]


_OPEN: list[Any] = []


@pytest.fixture(scope="module", autouse=True)
def _closed_afterwards() -> Iterator[None]:
    yield
    for opened, server, _ in _OPEN:
        server.close()
        opened.__exit__(None, None, None)
