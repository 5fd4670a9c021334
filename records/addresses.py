"""How addresses are written: read leniently, kept in one form, shown with their middle hidden."""

from __future__ import annotations

import re
from typing import Final

from records.tables.vocabulary import AddressChannel


class AddressError(ValueError):
    """Something that is no address of its channel; says what is expected."""


LONGEST_MAIL: Final = 254
"""RFC 5321."""
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._-]{4,64}")
EXPECTED: Final[dict[AddressChannel, str]] = {
    "email": "an e-mail address such as name@example.cn",
    "sms": "a mobile number of the mainland: 11 digits that begin with 1",
    "webhook": "an account of the bridge: 4 to 64 letters, digits, dots, hyphens or underscores",
    "letter": "a postal address of 6 to 200 printable characters",
}


def written(channel: AddressChannel, text: str) -> str:
    """The address in the form it is kept in. Raises AddressError."""
    found = _READ[channel](text.strip())
    if found is None:
        raise AddressError(f"expected {EXPECTED[channel]}")
    return found


def veiled(channel: AddressChannel, address: str) -> str:
    """The address as its owner will know it again and nobody else learns it."""
    if channel == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    if channel == "sms":
        return f"{address[3:6]}****{address[-4:]}"
    kept = 6 if channel == "letter" else 2
    return f"{address[:kept]}***"


def _mail(text: str) -> str | None:
    if len(text) > LONGEST_MAIL or not _MAIL.fullmatch(text):
        return None
    name, _, domain = text.rpartition("@")
    if name.startswith(".") or name.endswith(".") or ".." in name:
        return None
    labels = domain.split(".")
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        return None
    return f"{name}@{domain.lower()}"


def _mobile(text: str) -> str | None:
    found = _MOBILE.fullmatch(re.sub(r"[ -]", "", text))
    return f"+86{found[1]}" if found else None


def _account(text: str) -> str | None:
    return text if _ACCOUNT.fullmatch(text) else None


def _postal(text: str) -> str | None:
    one_line = " ".join(text.split())
    return one_line if 6 <= len(one_line) <= 200 and one_line.isprintable() else None


_READ: Final = {"email": _mail, "sms": _mobile, "webhook": _account, "letter": _postal}
