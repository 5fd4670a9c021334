"""The way out by signed webhook, for short messages, the hotline and bridges: many messages a request."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from typing import Final

import httpx
import msgspec

from records.tables.vocabulary import AddressChannel
from serving.delivery.destination import Destination, DestinationRefused, destination
from serving.delivery.outcome import Outcome
from serving.delivery.parcel import Parcel
from serving.delivery.settings import DeliverySettings
from serving.delivery.short_text import short_text
from serving.delivery.signature import keys_of, signed_headers
from serving.delivery.webhook_form import Answer, Outgoing, Request, Result, Text
from serving.delivery.wording import Unsayable, Worded, one_line

MOST_AT_ONCE: Final = 100
LONGEST_ANSWER: Final = 1 << 20
LOOKED_UP_FOR: Final = 60.0
"""Seconds for which a gateway's address is used before its name is looked up again."""
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
Word = Callable[[Parcel], Worded]


class ByWebhook:
    """Hands messages to one gateway. Repeats are harmless: the gateway applies each key once."""

    def __init__(
        self,
        settings: DeliverySettings,
        channel: AddressChannel,
        word: Word,
        clock: Callable[[], dt.datetime],
    ) -> None:
        secret, gateway = settings.secret_of(channel), settings.gateway_of(channel)
        if secret is None or gateway is None:
            raise ValueError(f"the channel {channel} has no gateway")
        self._channel, self._word, self._clock = channel, word, clock
        self._gateway, self._networks = gateway, settings.networks
        self._keys = keys_of(secret.get_secret_value())
        self._within = settings.gateway_timeout
        # No proxy of the environment: the checks of the destination would then be somebody else's.
        self._client = httpx.Client(timeout=self._within, follow_redirects=False, trust_env=False)
        self._found: tuple[float, Destination] | None = None

    def send(self, parcels: Sequence[Parcel], until: dt.datetime) -> Sequence[Outcome]:
        """Hand the messages over, as many at once as a request takes."""
        outcomes: list[Outcome] = []
        for begin in range(0, len(parcels), MOST_AT_ONCE):
            if self._clock() > until or any(one.verdict == "channel" for one in outcomes):
                outcomes += [Outcome(each.key, "unsent") for each in parcels[begin:]]
                break
            outcomes += self._some(parcels[begin : begin + MOST_AT_ONCE])
        return outcomes

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _some(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        now = self._clock()
        outcomes: list[Outcome] = []
        messages: list[Outgoing] = []
        for parcel in parcels:
            if parcel.expires_at is not None and parcel.expires_at <= now:
                outcomes.append(Outcome(parcel.key, "unsent", "expired"))
                continue
            try:
                messages.append(outgoing(parcel, self._word(parcel)))
            except Unsayable:
                outcomes.append(Outcome(parcel.key, "permanent", "unsayable"))
        return outcomes + (self._handed_over(messages) if messages else [])

    def _handed_over(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        keys = [each.key for each in messages]
        try:
            status, wait, body = self._post(messages)
        except (httpx.HTTPError, OSError, DestinationRefused, _TooMuch) as error:
            self._found = None
            return [Outcome(key, "channel", type(error).__name__) for key in keys]
        if status == 200:
            return _read(body, keys)
        if len(messages) > 1 and status in {400, 409, 413, 415, 422}:
            # One of them is at fault. The others must not suffer for it.
            return [outcome for one in messages for outcome in self._handed_over([one])]
        return [_refused(key, status, wait) for key in keys]

    def _post(self, messages: Sequence[Outgoing]) -> tuple[int, float | None, bytes]:
        body = msgspec.json.encode(Request("1", self._channel, tuple(messages)))
        where = self._destination()
        now = int(time.time())
        request = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        headers = {
            "Host": where.host,
            "Content-Type": "application/json",
            "User-Agent": "qianmian-delivery/1",
            "Accept-Encoding": "identity",
            **signed_headers(self._keys, request, now, body),
        }
        end = time.monotonic() + self._within
        asked = self._client.build_request(
            "POST", where.url, content=body, headers=headers, extensions={"sni_hostname": where.name}
        )
        answer = self._client.send(asked, stream=True)
        try:
            taken = bytearray()
            for chunk in answer.iter_bytes():
                taken += chunk
                if len(taken) > LONGEST_ANSWER or time.monotonic() > end:
                    raise _TooMuch
            return answer.status_code, _seconds(answer.headers.get("retry-after")), bytes(taken)
        finally:
            answer.close()

    def _destination(self) -> Destination:
        now = time.monotonic()
        if self._found is None or now - self._found[0] > LOOKED_UP_FOR:
            self._found = (now, destination(self._gateway, self._networks))
        return self._found[1]


class _TooMuch(Exception):
    """An answer that does not end."""


def outgoing(parcel: Parcel, worded: Worded) -> Outgoing:
    """The message as the gateway is given it."""
    zh, en = worded["zh"], worded["en"]
    due = None if len(parcel.pieces) > 1 or parcel.delicate else parcel.pieces[0].due_on
    return Outgoing(
        key=parcel.key,
        to=one_line(parcel.address),
        template=worded.template,
        title=Text(zh.title, en.title),
        text=Text(short_text(parcel, worded, "zh"), short_text(parcel, worded, "en")),
        link=zh.link,
        delicate=parcel.delicate,
        due_on=None if due is None else due.isoformat(),
        expires_at=None if parcel.expires_at is None else parcel.expires_at.isoformat(),
        unsubscribe=worded.unsubscribe,
    )


def _read(body: bytes, keys: Sequence[str]) -> list[Outcome]:
    try:
        results = {one.key: one for one in msgspec.json.decode(body, type=Answer).results}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # It may have taken them; handing them over again does no harm.
        return [Outcome(key, "channel", "answer_unreadable") for key in keys]
    return [
        _judged(results[key]) if key in results else Outcome(key, "temporary", "not_answered") for key in keys
    ]


def _judged(result: Result) -> Outcome:
    code = result.code if result.code is not None and _CODE.fullmatch(result.code) else None
    receipt = None if result.receipt is None else one_line(result.receipt)[:200]
    match result.status:
        case "accepted" | "duplicate":
            return Outcome(result.key, "delivered", None, receipt)
        case "retry":
            return Outcome(result.key, "temporary", code or "retry", receipt, result.retry_after)
        case "refused":
            return Outcome(result.key, "permanent", code or "refused", receipt)
        case "unreachable":
            return Outcome(result.key, "permanent", code or "unreachable", receipt, unreachable=True)


def _refused(key: str, status: int, wait: float | None) -> Outcome:
    code = f"http_{status}"
    if status >= 500 or status in {401, 403, 407, 408, 429} or status < 400:
        # Not the message is refused but whoever sends it. A redirection is never followed.
        return Outcome(key, "channel", code, wait=wait)
    return Outcome(key, "permanent", code)


def _seconds(written: str | None) -> float | None:
    return float(written) if written is not None and written.isascii() and written.isdigit() else None
