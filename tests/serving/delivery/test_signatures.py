"""Signatures: ours are known again, and nothing else is, whatever was changed and whenever it comes."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.delivery.signature import Forged, SecretRefused, check, keys_of, signed_headers

KEYS = (bytes(range(32)),)
NOW = 1_800_000_000
BODY = b'{"version":"1"}'


def test_the_standard_webhooks_vector() -> None:
    # The example of the Standard Webhooks specification's reference libraries.
    keys = keys_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.integers(-300, 300))
def test_what_we_signed_is_ours_within_five_minutes(body: bytes, off: int) -> None:
    assert check(KEYS, signed_headers(KEYS, "msg_1", NOW, body), body, NOW + off) == "msg_1"


@pytest.mark.parametrize("off", [-301, 301, 86_400, -86_400])
def test_a_replay_is_refused(off: int) -> None:
    with pytest.raises(Forged, match="old"):
        check(KEYS, signed_headers(KEYS, "msg_1", NOW, BODY), BODY, NOW + off)


@given(
    st.sampled_from(["webhook-id", "webhook-timestamp", "body", "webhook-signature"]), st.text(max_size=40)
)
def test_whatever_is_changed_shows(what: str, other: str) -> None:
    headers, body = signed_headers(KEYS, "msg_1", NOW, BODY), BODY
    if what == "body":
        body = other.encode()
    elif headers[what] == other:
        return
    else:
        headers = {**headers, what: other}
    if body == BODY and headers == signed_headers(KEYS, "msg_1", NOW, BODY):
        return
    with pytest.raises(Forged):
        check(KEYS, headers, body, NOW)


def test_either_key_will_do_while_keys_are_changed() -> None:
    new = bytes(range(1, 33))
    for held in (KEYS, (new,), (new, *KEYS)):
        assert check(held, signed_headers((new, *KEYS), "m", NOW, BODY), BODY, NOW) == "m"
    with pytest.raises(Forged):
        check((bytes(32),), signed_headers((new, *KEYS), "m", NOW, BODY), BODY, NOW)


@pytest.mark.parametrize(
    "secret",
    ["", "secret", "whsec_", "whsec_!!", "whsec_" + base64.b64encode(b"short").decode(), "whsec_" + "A" * 44],
)
def test_a_weak_secret_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(SecretRefused) as refused:
        keys_of(secret)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)
