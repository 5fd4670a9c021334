"""Sealed values: the standards' own vectors, and nothing opens but what was sealed, where it was sealed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from privacy.cipher import CipherError, Envelope, place, version_of

KEYS = {1: b"a" * 16, 2: b"b" * 16}
ENVELOPE = Envelope(KEYS, 2)
HERE = place("identity", "ciphertext", "c-1", "mobile")


def test_sm3_answers_the_second_example_of_gb_t_32905() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abcd" * 16)
    expected = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert digest.finalize().hex() == expected


def test_hmac_sm3_answers_the_example_of_gm_t_0042() -> None:
    digest = HMAC(bytes(range(1, 33)), hashes.SM3())
    digest.update(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2)
    expected = "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    assert digest.finalize().hex() == expected


def test_sm4_answers_the_examples_of_gb_t_32907() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    once = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305
    assert once.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.slow
def test_sm4_answers_the_million_fold_example_of_gb_t_32907() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    cipher, text = Cipher(algorithms.SM4(key), modes.ECB()).encryptor(), key  # noqa: S305
    for _ in range(1_000_000):
        text = cipher.update(text)
    assert text.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_gcm_answers_the_example_of_rfc_8998() -> None:
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    text = cipher.update(b"".join(bytes([b]) * 8 for b in bytes.fromhex("aabbccddeeffeeaa")))
    assert (text + cipher.finalize()).hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert cipher.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@given(st.binary(), st.binary())
def test_what_was_sealed_opens_in_its_place_alone(plain: bytes, bound_to: bytes) -> None:
    sealed = ENVELOPE.seal(plain, bound_to)
    assert ENVELOPE.open(sealed, bound_to) == plain
    with pytest.raises(CipherError):
        ENVELOPE.open(sealed, bound_to + b"x")


def test_the_same_value_is_never_sealed_alike() -> None:
    assert ENVELOPE.seal(b"13800000000", HERE) != ENVELOPE.seal(b"13800000000", HERE)


def test_any_changed_or_missing_byte_is_noticed() -> None:
    sealed = ENVELOPE.seal(b"13800000000", HERE)
    for at in range(len(sealed)):
        with pytest.raises(CipherError):
            ENVELOPE.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], HERE)
    for length in range(len(sealed)):
        with pytest.raises(CipherError):
            ENVELOPE.open(sealed[:length], HERE)


def test_a_changed_master_key_still_opens_what_the_old_one_sealed() -> None:
    old = Envelope(KEYS, 1).seal(b"plain", HERE)
    assert version_of(old) == 1
    assert ENVELOPE.open(old, HERE) == b"plain"
    with pytest.raises(CipherError, match="master key 1, which is not held"):
        Envelope({2: KEYS[2]}, 2).open(old, HERE)


def test_an_old_value_cannot_pass_for_a_new_one() -> None:
    same = Envelope({1: KEYS[1], 2: KEYS[1]}, 1)
    sealed = same.seal(b"plain", HERE)
    with pytest.raises(CipherError):
        same.open(sealed[:1] + (2).to_bytes(4, "big") + sealed[5:], HERE)


@given(st.lists(st.text()), st.lists(st.text()))
def test_two_places_have_two_names(one: list[str], other: list[str]) -> None:
    assert (place(*one) == place(*other)) == (one == other)


@pytest.mark.parametrize(("keys", "current"), [({}, 1), ({1: b"short"}, 1), ({1: b"a" * 16}, 2)])
def test_keys_that_seal_nothing_are_refused(keys: dict[int, bytes], current: int) -> None:
    with pytest.raises(CipherError):
        Envelope(keys, current)


def test_keys_are_not_shown() -> None:
    assert "aaaa" not in repr(ENVELOPE)
