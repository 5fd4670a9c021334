"""An e-mail as it goes over the wire. Whatever is told stands in base64 or between fixed words: no text of a
message can become a header, and no address is taken that could."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Final

from records.addresses import AddressError, written
from serving.delivery.parcel import Parcel
from serving.delivery.rendering import as_html, as_text
from serving.delivery.wording import Unsayable, Worded, one_line, words
from serving.wording import LANGUAGES

_CHUNK: Final = 42
"""Bytes of an encoded word: 56 characters of base64, so that no line of a header exceeds 76."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Whose letters they are, and where unsubscribing is answered besides on the page."""

    address: str
    domain: str


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a message: the same in every attempt, so that mail readers show it once."""
    return f"<{key}@{domain}>"


def letter(parcel: Parcel, worded: Worded, sending: Sending, at: dt.datetime) -> bytes:
    """The letter. Raises Unsayable where its address is none, or an address it leads to is not plain."""
    try:
        to = written("email", parcel.address)
    except AddressError as error:
        raise Unsayable("the address") from error
    boundary = f"={hashlib.sha256(parcel.key.encode()).hexdigest()[:32]}"
    title = worded.tellings[0].title
    head = [
        f"Date: {format_datetime(at)}",
        f"From: {_encoded(words()[LANGUAGES[0]]('sender'))} <{sending.address}>",
        f"To: <{to}>",
        f"Subject: {_encoded(title)}",
        f"Message-ID: {message_id(parcel.key, sending.domain)}",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {', '.join(telling.html_lang for telling in worded.tellings)}",
        *_unsubscribing(worded),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    parts = [_part(boundary, "plain", as_text(worded)), _part(boundary, "html", as_html(worded))]
    return "\r\n".join([*head, "", *parts, f"--{boundary}--", ""]).encode("ascii")


def _unsubscribing(worded: Worded) -> list[str]:
    """One tap in the mail reader itself (RFC 8058)."""
    if worded.unsubscribe is None:
        return []
    link = worded.unsubscribe
    if one_line(link) != link or not link.isascii() or set(link) & set("<> ,"):
        raise Unsayable("the address to unsubscribe at")
    return [f"List-Unsubscribe: <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def _encoded(text: str) -> str:
    """A header's text as encoded words (RFC 2047), each of whole characters."""
    chunks: list[bytes] = [b""]
    for char in one_line(text):
        encoded = char.encode("utf-8", "replace")
        if len(chunks[-1]) + len(encoded) > _CHUNK:
            chunks.append(b"")
        chunks[-1] += encoded
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(chunk).decode()}?=" for chunk in chunks)


def _part(boundary: str, kind: str, text: str) -> str:
    body = base64.encodebytes(text.encode("utf-8", "replace")).decode().replace("\n", "\r\n")
    return (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}"
    ).removesuffix("\r\n")
