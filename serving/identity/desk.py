"""What identity works with, beside the parts: settings, the issuer, the clock on the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from serving.identity.provider import Provider
from serving.settings import ServingSettings

OWN_SUBJECT_CLAIM = "qianmian_subject"
"""The claim in which the embedded issuer names the subject."""


@dataclass(frozen=True, slots=True)
class IdentityDesk:
    """The issuer and the rules of sessions."""

    settings: ServingSettings
    provider: Provider
    wall: Callable[[], dt.datetime]
    """The true time, whatever business date the server works as of: sessions and tokens live by it."""

    @property
    def subject_claim(self) -> str | None:
        """The claim in which the issuer names a subject by its id in the records."""
        return OWN_SUBJECT_CLAIM if self.settings.own_issuer else self.settings.oidc_subject_claim


def identity_of(request: Request) -> IdentityDesk:
    """The identity desk of the running application."""
    desk: IdentityDesk = request.app.state.identity
    return desk


def wall_clock() -> dt.datetime:
    """The true time."""
    return dt.datetime.now(dt.UTC)
