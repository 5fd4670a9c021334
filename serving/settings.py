"""Where the server listens and who lets people in, on top of the settings everything above records shares."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from records.sessions import Limits
from records.settings import Settings
from records.tables.vocabulary import SessionMode

OWN_ISSUER_PATH = "/dev-issuer"
OWN_PORTAL_PATH = "/dev-portal"
OWN_CLIENT = "qianmian-pages"


class ServingSettings(Settings):
    """Settings of the server; `QIANMIAN_HOST` and `QIANMIAN_PORT` say where it listens."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)
    toml_tables: ClassVar[frozenset[str]] = frozenset({"serving"})

    host: str = "127.0.0.1"
    """The address to listen on; loopback only under the development profile."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""
    certificates: str = ""
    """PEM files, separated by commas, whose end is told of 30 and 7 days before (metric qianmian_trouble)."""
    trusted_proxies: str = ""
    """Addresses, separated by commas, whose word on where a request comes from is taken (X-Forwarded-For)."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged, as JSON lines on standard error; one line a request at `info`."""
    rate_limit_factor: float = Field(default=1, gt=0)
    """Multiplies how often one address and one caller may ask; raise it for load tests."""
    public_address: str | None = None
    """Where people reach the server (https://...); unset in development: where it listens."""
    oidc_issuer: str | None = None
    """The issuer of 统一身份认证; unset in development: the embedded one."""
    oidc_client_id: str | None = None
    """As whom the issuer knows this server."""
    oidc_client_secret: SecretStr | None = Field(default=None, repr=False)
    """What the issuer gave the client; best as a file named in QIANMIAN_OIDC_CLIENT_SECRET_FILE."""
    oidc_scope: str = "openid"
    """What is asked of the issuer, in words separated by spaces."""
    oidc_subject_claim: str | None = None
    """The claim in which the issuer names the subject by its id in the records, where it knows that."""
    oidc_document_claim: str | None = None
    """The claim with the number of an identity document, looked up in the identity table."""
    oidc_document_scheme: str = "resident_id"
    """The scheme of that number in the identity table."""
    api_audience: str | None = None
    """What access tokens for the API must be made for; unset: the public address followed by /v1."""
    session_idle_minutes: float = Field(default=30, gt=0)
    """A session unused for so long is over."""
    session_hours: float = Field(default=8, gt=0)
    """No session lasts longer."""
    kiosk_idle_minutes: float = Field(default=3, gt=0)
    """The same on a kiosk, which strangers share."""
    kiosk_minutes: float = Field(default=20, gt=0)
    """No session on a kiosk lasts longer."""
    agent_minutes: float = Field(default=30, gt=0, le=120)
    """For how long an agent may keep a subject open."""

    portal_address: str | None = None
    """The portal where things are done and hand-overs go (https://...); unset in development: a sample."""
    hand_over_minutes: float = Field(default=5, gt=0, le=60)
    """For how long the portal may take a hand-over up."""

    @field_validator("public_address", "oidc_issuer", "api_audience", "portal_address")
    @classmethod
    def _without_slash(cls, address: str | None) -> str | None:
        return None if address is None else address.rstrip("/")

    @model_validator(mode="after")
    def _fit_for_the_profile(self) -> ServingSettings:
        if self.profile == "production":
            self._check_production()
        elif self.host != "localhost" and not _is_loopback(self.host):
            raise ValueError(
                f"cannot listen on {self.host!r}: the development profile signs anybody in as anybody, so it "
                "binds to loopback only. Set QIANMIAN_HOST to 127.0.0.1, ::1 or localhost, or "
                "QIANMIAN_PROFILE to production."
            )
        return self

    def _check_production(self) -> None:
        needed = ("public_address", "oidc_issuer", "oidc_client_id", "oidc_client_secret")
        faults = [f"set QIANMIAN_{name.upper()}" for name in needed if not getattr(self, name)]
        for name in ("public_address", "oidc_issuer", "portal_address"):
            if getattr(self, name) and urlsplit(getattr(self, name)).scheme != "https":
                faults.append(f"QIANMIAN_{name.upper()} must begin with https://")
        if not (self.oidc_subject_claim or self.oidc_document_claim):
            faults.append("set QIANMIAN_OIDC_SUBJECT_CLAIM or QIANMIAN_OIDC_DOCUMENT_CLAIM")
        if faults:
            raise ValueError("the production profile lets nobody in without an issuer: " + "; ".join(faults))

    @property
    def address(self) -> str:
        """Where people reach the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_address or f"http://{host}:{self.port}"

    @property
    def issuer(self) -> str:
        """Who lets people in."""
        return self.oidc_issuer or f"{self.address}{OWN_ISSUER_PATH}"

    @property
    def own_issuer(self) -> bool:
        """Whether that is the embedded development issuer."""
        return self.profile == "development" and self.oidc_issuer is None

    @property
    def portal(self) -> str | None:
        """The one address that hand-overs go to; None where nothing can be begun here."""
        return self.portal_address or (f"{self.address}{OWN_PORTAL_PATH}" if self.own_issuer else None)

    @property
    def own_portal(self) -> bool:
        """Whether that is the sample portal of development."""
        return self.own_issuer and self.portal_address is None

    @property
    def client_id(self) -> str:
        """As whom the issuer knows this server."""
        return self.oidc_client_id or OWN_CLIENT

    @property
    def audience(self) -> str:
        """What access tokens for the API are made for."""
        return self.api_audience or f"{self.address}/v1"

    @property
    def limits(self) -> dict[SessionMode, Limits]:
        """How long sessions of each mode live."""
        return {
            "standard": Limits(_minutes(self.session_idle_minutes), _minutes(60 * self.session_hours)),
            "kiosk": Limits(_minutes(self.kiosk_idle_minutes), _minutes(self.kiosk_minutes)),
        }


def _minutes(n: float) -> dt.timedelta:
    return dt.timedelta(minutes=n)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
