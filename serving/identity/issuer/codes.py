"""Authorization codes: bound to a client, an address and a challenge, good for a minute and for one use."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from typing import Final

LIVES: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Authorization:
    """What somebody agreed to."""

    client: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    scope: str
    name: str
    """The account's `sub`."""
    subject: str | None
    made_at: dt.datetime


class Codes:
    """The codes of one process that nobody has exchanged yet."""

    def __init__(self) -> None:
        self._waiting: dict[str, Authorization] = {}
        self._guard = threading.Lock()

    def make(self, given: Authorization) -> str:
        """A code for what was agreed to."""
        code = secrets.token_urlsafe(32)
        with self._guard:
            self._waiting = {
                other: one for other, one in self._waiting.items() if given.made_at - one.made_at < LIVES
            }
            self._waiting[code] = given
        return code

    def take(
        self, code: str, client: str, redirect_uri: str, verifier: str, at: dt.datetime
    ) -> Authorization | None:
        """What a code stands for; it is used up, whether or not all else fits."""
        with self._guard:
            found = self._waiting.pop(code, None)
        if found is None or at - found.made_at >= LIVES:
            return None
        fits = (client, redirect_uri) == (found.client, found.redirect_uri)
        return found if fits and hmac.compare_digest(challenge_of(verifier), found.challenge) else None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
