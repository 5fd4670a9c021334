"""Parcels for tests, without records."""

from __future__ import annotations

from typing import Any

from records.pushes import NEUTRAL
from serving.delivery.parcel import Parcel, Piece

PAYLOAD: dict[str, Any] = {
    "template": "reminder",
    "names_zh": "换领驾驶证",
    "names_en": "Renew your driving licence",
    "reason_zh": "驾驶证有效期到 2026年12月24日",
    "reason_en": "Your driving licence is valid until 24 December 2026",
    "due_on": "2026-12-24",
    "delicate": False,
    "detail": {},
    "inbox": 7,
    "link": "/inbox/7",
}
ADDRESS = "https://qianmian.example"
UNSUBSCRIBE = "https://qianmian.example/unsubscribe/AQAAAAAAAAAB"
TO: dict[str, str] = {
    "email": "li@example.cn",
    "sms": "+8613800000000",
    "webhook": "account-li",
    "letter": "北京市东城区示例街 1 号",
}


def parcel(*payloads: dict[str, Any], **more: Any) -> Parcel:
    """A parcel of these payloads, each changed from the plain one."""
    given: dict[str, Any] = {"key": "0" * 31 + "1", "channel": "email", "subject": "c1", "topic": "交通出行"}
    given |= more
    given.setdefault("address", TO[given["channel"]])
    pieces = tuple(
        Piece(number, f"{number:032x}", 1, {**PAYLOAD, **payload})
        for number, payload in enumerate(payloads or ({},), start=1)
    )
    return Parcel(**given, pieces=pieces)


def delicate(**more: Any) -> dict[str, Any]:
    """The payload of what must not be seen, as telling writes it."""
    nothing = {
        "names_zh": NEUTRAL.zh,
        "names_en": NEUTRAL.en,
        "reason_zh": "",
        "reason_en": "",
        "due_on": None,
    }
    return {**nothing, "template": "notice", "delicate": True, **more}
