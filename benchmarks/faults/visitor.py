# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Whoever asks: a citizen with a browser, and a channel's program with a token."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx

from commands.signing_in import access_token, sign_in
from serving.settings import ServingSettings

CHANNEL = "official:channel"


@dataclass
class Timed:
    """An answer and how long it took."""

    response: httpx.Response
    seconds: float

    @property
    def status(self) -> int:
        """Its status."""
        return self.response.status_code

    @property
    def text(self) -> str:
        """Its body."""
        return self.response.text


@dataclass
class Visitor:
    """One citizen, signed in through the embedded issuer of a server."""

    settings: ServingSettings
    subject: str
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.settings.address, timeout=40)

    def __enter__(self) -> Visitor:
        arrived = sign_in(self.client, f"citizen:{self.subject}", self.path)
        assert arrived.status_code == httpx.codes.OK, f"{self.path} answered {arrived.status_code}"
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.client.close()

    @property
    def path(self) -> str:
        """Where their homepage is."""
        return f"/citizens/{self.subject}"

    def homepage(self, **query: str) -> Timed:
        """Open the homepage."""
        return self.get(self.path, **query)

    def get(self, path: str, **query: str) -> Timed:
        """Open a page."""
        began = time.perf_counter()
        response = self.client.get(path, params=query)
        return Timed(response, time.perf_counter() - began)


@dataclass
class Program:
    """A program of a channel, or of a citizen, that speaks the interface."""

    settings: ServingSettings
    persona: str = CHANNEL
    client: httpx.Client = field(init=False)
    _token: str | None = None

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.settings.address, timeout=40)

    def token(self) -> str:
        """A token for the API."""
        if self._token is None:
            self._token = access_token(self.client, self.persona, self.settings)
        return self._token

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; a token that a server does not know (it was started anew) is renewed once."""
        more = given.pop("headers", {})
        for _ in range(2):
            headers = {"Authorization": f"Bearer {self.token()}", **more}
            answer = self.client.request(method, path, headers=headers, **given)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                return answer
            self._token = None
        return answer

    def status(self) -> dict[str, Any]:
        """What /ready says; a server that is not ready says so in the status."""
        answer = self.client.get("/ready")
        return {"http": answer.status_code, **answer.json()}

    def troubles(self) -> set[str]:
        """The codes of what is amiss, as /ready has them."""
        return {one["code"] for one in self.status().get("degraded", [])}

    def metric(self, name: str) -> float | None:
        """A figure of /metrics by its name with labels; None where it is not told."""
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()
