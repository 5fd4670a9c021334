"""The text of a short message: everything that fits into few segments, and never half a character."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from serving.delivery.parcel import Parcel
from serving.delivery.wording import Worded, words
from serving.wording import Language, load_words

MOST_SEGMENTS: Final = 2
"""Beyond so many the name is cut."""
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED: Final = frozenset("^{}\\[~]|€")
"""These take two places."""


def segments(text: str) -> int:
    """How many short messages a text takes: 160 places of GSM 7 bit, or 70 of UTF-16; fewer when joined."""
    if set(text) <= _GSM | _GSM_EXTENDED:
        places, alone, joined = len(text) + sum(char in _GSM_EXTENDED for char in text), 160, 153
    else:
        places, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if places <= alone else -(-places // joined)


def short_text(parcel: Parcel, worded: Worded, language: Language) -> str:
    """The text in one language. What is delicate says only that there is something."""
    t, telling = words()[language], worded[language]
    sign = t("sms.sign", sign=t("sign"))
    if telling.code is not None:
        return sign + t("sms.code", code=telling.code)
    stop = t("sms.stop")
    if not telling.matters:
        return f"{sign}{t('sms.delicate')}{telling.link}{stop}"
    if len(telling.matters) > 1:
        return f"{sign}{t('sms.digest', n=len(telling.matters))}{telling.link}{stop}"
    matter, due = telling.matters[0], parcel.pieces[0].due_on
    until = "" if due is None else t("sms.due", date=_date(due, language))
    end = f"{until}{t('sms.open')}{telling.link}{stop}"
    # The reason is left out before the name is cut.
    why = t("sms.reason", reason=_unended(matter.reason)) if matter.reason else ""
    name = _unended(matter.name)
    long = f"{sign}{t('sms.named', name=name)}{why}{end}"
    return long if segments(long) <= MOST_SEGMENTS else _cut(sign, name, end, language)


def _unended(text: str) -> str:
    """Without a full stop: one follows anyway."""
    return text.rstrip(".。;；")


def _cut(sign: str, name: str, end: str, language: Language) -> str:
    t = words()[language]

    def whole(kept: str) -> str:
        return f"{sign}{t('sms.named', name=kept)}{end}"

    if segments(whole(name)) <= MOST_SEGMENTS:
        return whole(name)
    length = _longest([segments(whole(f"{name[:n]}…")) for n in range(len(name))])
    return whole(f"{name[:length]}…")


def _longest(counts: Sequence[int]) -> int:
    """The most characters that still fit; one where even that does not."""
    return max((n for n, count in enumerate(counts) if count <= MOST_SEGMENTS), default=1)


def _date(day: dt.date, language: Language) -> str:
    t = words()[language]
    return t("sms.date", month=load_words()[language](f"date.month.{day.month}"), day=day.day)
