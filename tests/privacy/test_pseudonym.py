"""Pseudonyms: keyed, apart by domain, and honest about the key they were made with."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from privacy.pseudonym import PseudonymError, Pseudonyms

KEYS = {"k1": b"a" * 32, "k2": b"b" * 32}


def test_sm3_answers_the_standards_own_example() -> None:
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == expected


def test_the_keyed_hash_is_the_standard_construction() -> None:
    """RFC 2104 over SM3, worked out here from the plain hash."""

    def sm3(data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    key = KEYS["k1"].ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in key) + b"message")
    keyed = HMAC(KEYS["k1"], hashes.SM3())
    keyed.update(b"message")
    assert keyed.finalize() == sm3(bytes(b ^ 0x5C for b in key) + inner)


@given(st.text(), st.text())
def test_a_name_belongs_to_one_subject(one: str, other: str) -> None:
    names = Pseudonyms(KEYS, "k1", "training")
    assert names.names(names.of(one), one)
    assert (names.of(one) == names.of(other)) == (one == other)


@given(st.text(min_size=4))
def test_names_of_two_domains_or_keys_cannot_be_joined(subject: str) -> None:
    training = Pseudonyms(KEYS, "k1", "training").of(subject)
    assert training != Pseudonyms(KEYS, "k1", "statistics").of(subject)
    assert training.split(".")[1] != Pseudonyms(KEYS, "k2", "training").of(subject).split(".")[1]
    assert subject not in training


def test_a_domain_does_not_run_into_the_id() -> None:
    assert Pseudonyms(KEYS, "k1", "ab").of("c") != Pseudonyms(KEYS, "k1", "a").of("bc")


def test_a_changed_key_still_knows_the_names_it_made() -> None:
    old = Pseudonyms(KEYS, "k1", "training").of("c1")
    renewed = Pseudonyms(KEYS, "k2", "training")
    assert renewed.names(old, "c1")
    assert renewed.of("c1") != old
    with pytest.raises(PseudonymError, match="k1"):
        Pseudonyms({"k2": KEYS["k2"]}, "k2", "training").names(old, "c1")


@pytest.mark.parametrize(
    ("keys", "current"), [({}, "k1"), ({"k1": b"short"}, "k1"), ({"k.1": b"a" * 32}, "k.1")]
)
def test_keys_that_protect_nothing_are_refused(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(PseudonymError):
        Pseudonyms(keys, current, "training")


def test_keys_are_not_shown() -> None:
    assert "aaaa" not in repr(Pseudonyms(KEYS, "k1", "training"))
