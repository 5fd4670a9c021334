"""The signed webhook: what a gateway is sent, and what each of its answers comes to."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from typing import Any

import jsonschema
import pytest

from serving.delivery.by_webhook import ByWebhook
from serving.delivery.receiver import Ledger, answer
from serving.delivery.settings import DeliverySettings
from serving.delivery.signature import Forged, check, keys_of
from serving.delivery.webhook_form import SCHEMA
from serving.delivery.wording import word
from tests.serving.delivery.conftest import SIGNED_WITH, Receiver
from tests.serving.delivery.gateways import Asked, Reply, gateway
from tests.serving.delivery.parcels import ADDRESS, UNSUBSCRIBE, delicate, parcel

NOW = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=36_500)
KEYS = [f"{n:032x}" for n in range(1, 4)]
PARCELS = [parcel(key=key, channel="sms") for key in KEYS]
SHORT = "whsec_" + "c2hvcnQ="
FORM = json.loads(SCHEMA.read_text("utf-8"))


def way(url: str, networks: str = "127.0.0.0/8", timeout: float = 1) -> ByWebhook:
    settings = DeliverySettings(
        sms_gateway=url, sms_secret=SIGNED_WITH, gateway_networks=networks, gateway_timeout=timeout
    )
    return ByWebhook(settings, "sms", lambda one: word(one, ADDRESS, UNSUBSCRIBE), lambda: NOW)


def sent(url: str, *parcels: Any, **more: Any) -> list[tuple[str, str | None]]:
    sender = way(url, **more)
    try:
        return [(one.verdict, one.code) for one in sender.send(parcels or PARCELS, LATER)]
    finally:
        sender.close()


def plain(status: int, body: bytes = b"", **headers: str) -> Reply:
    return lambda asked: (status, headers, body)


def each(**more: Any) -> Reply:
    def reply(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        results = [{"key": one["key"], **more} for one in json.loads(asked.body)["messages"]]
        return 200, {}, json.dumps({"results": results}).encode()

    return reply


def test_a_gateway_is_sent_what_is_published_and_signed() -> None:
    mixed = [*PARCELS, parcel(delicate(), key="f" * 32, channel="sms", expires_at=NOW + dt.timedelta(1))]
    with gateway(each(status="accepted", receipt="r-1")) as there:
        assert sent(there.url, *mixed) == [("delivered", None)] * 4
    [asked] = there.asked
    request = json.loads(asked.body)
    jsonschema.Draft202012Validator({**FORM, "oneOf": [{"$ref": "#/$defs/request"}]}).validate(request)
    assert check(keys_of(SIGNED_WITH), asked.headers, asked.body, time.time()).startswith("msg_")
    assert request["messages"][0]["to"] == "+8613800000000"
    assert request["messages"][3]["text"]["zh"].startswith("【千面】您有一条政务提醒")
    # Nobody's id goes out, but the address.
    assert '"c1"' not in asked.body.decode()
    with pytest.raises(Forged):
        check(keys_of(SIGNED_WITH), asked.headers, asked.body + b" ", time.time())


def test_the_sample_receiver_applies_each_key_once(receiver: Receiver) -> None:
    assert sent(receiver.url) == [("delivered", None)] * 3
    assert sent(receiver.url) == [("delivered", None)] * 3
    with sqlite3.connect(receiver.ledger) as ledger:
        assert ledger.execute("SELECT count(*), count(DISTINCT key) FROM applied").fetchone() == (3, 3)
        assert ledger.execute("SELECT count(*) FROM handed_over").fetchone() == (6,)


def test_the_sample_receiver_refuses_what_is_forged_old_or_malformed(tmp_path: Any) -> None:
    from serving.delivery.signature import signed_headers

    ledger, keys = Ledger(tmp_path / "ledger.db"), keys_of(SIGNED_WITH)
    body = json.dumps({"version": "1", "channel": "sms", "messages": []}).encode()
    assert answer(ledger, keys, signed_headers(keys, "m", 1000, body), body, 1000)[0] == 200
    assert answer(ledger, keys, signed_headers(keys, "m", 1000, body), body, 1301)[0] == 401
    assert answer(ledger, keys, signed_headers([b"x" * 32], "m", 1000, body), body, 1000)[0] == 401
    assert answer(ledger, keys, {}, body, 1000)[0] == 401
    for wrong in (b"{", b"\xff\xfe", b'{"version":"2"}', b"[]"):
        status, said = answer(ledger, keys, signed_headers(keys, "m", 1000, wrong), wrong, 1000)
        assert (status, b"13800000000" in said) == (422, False)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (each(status="duplicate"), [("delivered", None)] * 3),
        (each(status="retry", code="busy"), [("temporary", "busy")] * 3),
        (each(status="refused", code="no template!"), [("permanent", "refused")] * 3),
        (each(status="unreachable", code="number_gone"), [("permanent", "number_gone")] * 3),
        (plain(200, b'{"results": []}'), [("temporary", "not_answered")] * 3),
        (plain(200, b"ok"), [("channel", "answer_unreadable")] * 3),
        (plain(200, b'{"results": [{"key": 1}]}'), [("channel", "answer_unreadable")] * 3),
        (plain(500), [("channel", "http_500")] * 3),
        (plain(503), [("channel", "http_503")] * 3),
        (plain(429, **{"Retry-After": "77"}), [("channel", "http_429")] * 3),
        (plain(401), [("channel", "http_401")] * 3),
        (plain(404), [("permanent", "http_404")] * 3),
        (plain(410), [("permanent", "http_410")] * 3),
        (plain(422), [("permanent", "http_422")] * 3),
        (plain(200, b"x" * (2 << 20)), [("channel", "_TooMuch")] * 3),
    ],
)
def test_what_an_answer_comes_to(reply: Reply, expected: list[tuple[str, str]]) -> None:
    with gateway(reply) as there:
        assert sent(there.url) == expected


def test_one_bad_message_does_not_spoil_the_others() -> None:
    def reply(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if KEYS[1].encode() in asked.body:
            return 422, {}, b""
        return each(status="accepted")(asked)

    with gateway(reply) as there:
        assert sent(there.url) == [("delivered", None), ("permanent", "http_422"), ("delivered", None)]
        assert len(there.asked) == 4


def test_the_wait_a_gateway_asks_for_is_kept() -> None:
    with gateway(plain(429, **{"Retry-After": "77"})) as there:
        assert {one.wait for one in way(there.url).send(PARCELS, LATER)} == {77.0}


def test_a_redirection_is_not_followed() -> None:
    with gateway(each(status="accepted")) as trap:
        with gateway(plain(307, Location=trap.url)) as there:
            assert sent(there.url) == [("channel", "http_307")] * 3
        assert trap.asked == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://0/"]
)
def test_a_private_gateway_that_is_not_allowed_is_never_connected_to(url: str) -> None:
    assert sent(url, networks="") == [("channel", "DestinationRefused")] * 3


def test_a_gateway_that_does_not_answer_is_given_up_in_time() -> None:
    def slow(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        time.sleep(2)
        return each(status="accepted")(asked)

    with gateway(slow) as there:
        began = time.monotonic()
        assert sent(there.url, timeout=0.3) == [("channel", "ReadTimeout")] * 3
        assert time.monotonic() - began < 1.5


def test_after_a_failure_of_the_way_the_rest_is_not_tried() -> None:
    many = [parcel(key=f"{n:032x}", channel="sms") for n in range(250)]
    with gateway(plain(503)) as there:
        verdicts = [verdict for verdict, _ in sent(there.url, *many)]
        assert verdicts == ["channel"] * 100 + ["unsent"] * 150
        assert len(there.asked) == 1


def test_what_expired_between_claim_and_sending_is_left_out() -> None:
    late = parcel(key="e" * 32, channel="sms", expires_at=NOW)
    with gateway(each(status="accepted")) as there:
        assert sent(there.url, late, PARCELS[0]) == [("unsent", "expired"), ("delivered", None)]
        assert late.key.encode() not in there.asked[0].body


@pytest.mark.parametrize(
    "given",
    [
        {"sms_gateway": "https://sms.example/"},
        {"sms_gateway": "https://sms.example/", "sms_secret": SHORT},
        {"sms_gateway": "ftp://sms.example/", "sms_secret": SIGNED_WITH},
        {"sms_gateway": f"https://{'me:pw'}@sms.example/", "sms_secret": SIGNED_WITH},
        {"mail_host": "mail.example", "mail_security": "none"},
        {"mail_host": "mail.example", "mail_user": "me"},
        {"mail_from": "nobody"},
        {"gateway_networks": "10.0.0.0/33"},
    ],
)
def test_settings_that_would_leak_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        DeliverySettings(**given)
    assert "pw@" not in str(refused.value)
    assert SIGNED_WITH not in str(refused.value)
