"""Certificates are told of before they end, the nearer the more urgently."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from serving.certificates import endings

NOW = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


def certificate(days: float) -> bytes:
    """One that holds for so many days more."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(NOW - dt.timedelta(days=90))
    signed = made.not_valid_after(NOW + dt.timedelta(days=days)).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("days", "told"), [(31, None), (29, False), (7.1, False), (7, True), (1, True), (-1, True)]
)
def test_thirty_days_before_and_urgently_within_a_week(
    tmp_path: Path, days: float, told: bool | None
) -> None:
    file = tmp_path / "server.pem"
    file.write_bytes(certificate(days))
    assert [one.urgent for one in endings([file], NOW)] == ([] if told is None else [told])


def test_the_first_to_end_of_a_chain_counts(tmp_path: Path) -> None:
    file = tmp_path / "chain.pem"
    file.write_bytes(certificate(300) + certificate(5))
    [one] = endings([file], NOW)
    assert one.left == dt.timedelta(days=5)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_what_cannot_be_read_is_urgent(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "server.pem"
    if content is not None:
        file.write_bytes(content)
    [one] = endings([file], NOW)
    assert (one.left, one.urgent, one.name) == (None, True, "server.pem")
