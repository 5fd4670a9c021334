"""How the outbox is delivered: by which gateways, how fast, and how patiently; secrets only from outside."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from records.addresses import AddressError, written
from records.tables.vocabulary import AddressChannel
from serving.delivery.signature import SecretRefused, keys_of
from serving.settings import ServingSettings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
GATEWAYS: Final[tuple[AddressChannel, ...]] = ("sms", "webhook")
"""The channels that go by signed webhook."""


class DeliverySettings(ServingSettings):
    """Settings of `qianmian deliver`. A channel without its gateway or folder waits in the outbox."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)
    toml_tables: ClassVar[frozenset[str]] = frozenset({"serving", "delivery"})

    mail_host: str | None = None
    """The mail server letters are handed to; unset: nothing goes by e-mail. Best one near by."""
    mail_port: int = Field(default=587, ge=1, le=65535)
    """Its port."""
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to it is protected; `none` is for a mail server on the same machine."""
    mail_user: str | None = None
    """As whom to sign in to it."""
    mail_password: SecretStr | None = Field(default=None, repr=False)
    """Best as a file named in QIANMIAN_MAIL_PASSWORD_FILE."""
    mail_from: str = "noreply@qianmian.example"
    """Whose letters they are."""
    mail_connections: int = Field(default=1, ge=1, le=64)
    """At once. Each may repeat at most one letter when the process is killed."""
    sms_gateway: str | None = None
    """Where short messages are handed over, a signed webhook (https://...)."""
    sms_secret: SecretStr | None = Field(default=None, repr=False)
    """What its requests are signed with; best as a file named in QIANMIAN_SMS_SECRET_FILE."""
    webhook_gateway: str | None = None
    """Where messages for the hotline or a WeChat bridge are handed over, a signed webhook."""
    webhook_secret: SecretStr | None = Field(default=None, repr=False)
    """What its requests are signed with; best as a file named in QIANMIAN_WEBHOOK_SECRET_FILE."""
    gateway_networks: str = ""
    """Private networks, separated by commas, that gateways may be in; others are refused."""
    gateway_timeout: float = Field(default=10, gt=0, le=60)
    """Seconds until an answer of a gateway or mail server is given up."""
    letters_folder: Path | None = None
    """Where letters are put down for printing; unset: none is."""
    delivery_batch: int = Field(default=200, ge=1, le=1000)
    """Messages claimed at once."""
    delivery_lease: float = Field(default=120, ge=4, le=3600)
    """Seconds after which what a killed deliverer was sending is taken over."""
    mail_rate: float = Field(default=2000, gt=0)
    """E-mails a second, at most, by all deliverers together."""
    sms_rate: float = Field(default=2000, gt=0)
    """Short messages a second, at most."""
    webhook_rate: float = Field(default=2000, gt=0)
    """Messages a second to the webhook, at most."""
    letter_rate: float = Field(default=2000, gt=0)
    """Letters a second, at most."""

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, address: str) -> str:
        try:
            return written("email", address)
        except AddressError as error:
            raise ValueError(f"QIANMIAN_MAIL_FROM: {error}") from error

    @field_validator("gateway_networks")
    @classmethod
    def _are_networks(cls, written: str) -> str:
        for part in _parts(written):
            ipaddress.ip_network(part)
        return written

    @model_validator(mode="after")
    def _fit_to_deliver(self) -> DeliverySettings:
        faults = []
        for channel in GATEWAYS:
            address, secret = self.gateway_of(channel), self.secret_of(channel)
            name = f"QIANMIAN_{channel.upper()}"
            if address is None:
                continue
            faults += _faults_of_address(f"{name}_GATEWAY", address, self.profile == "production")
            if secret is None:
                faults.append(f"set {name}_SECRET_FILE: nothing is handed over unsigned")
                continue
            try:
                keys_of(secret.get_secret_value())
            except SecretRefused as error:
                faults.append(f"{name}_SECRET: {error}")
        if self.delivery_lease < 4 * self.gateway_timeout:
            faults.append("QIANMIAN_DELIVERY_LEASE must be at least four times QIANMIAN_GATEWAY_TIMEOUT")
        if self.mail_user is not None and self.mail_password is None:
            faults.append("set QIANMIAN_MAIL_PASSWORD_FILE")
        if (
            self.mail_security == "none"
            and self.mail_host is not None
            and not _on_this_machine(self.mail_host)
        ):
            faults.append("QIANMIAN_MAIL_SECURITY is none: only a mail server on this machine is trusted so")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def gateway_of(self, channel: AddressChannel) -> str | None:
        """The address of a channel's gateway."""
        return {"sms": self.sms_gateway, "webhook": self.webhook_gateway}.get(channel)

    def secret_of(self, channel: AddressChannel) -> SecretStr | None:
        """What a channel's requests are signed with."""
        return {"sms": self.sms_secret, "webhook": self.webhook_secret}.get(channel)

    def rate_of(self, channel: AddressChannel) -> float:
        """Messages a second that a channel may send, at most."""
        rates: dict[AddressChannel, float] = {
            "email": self.mail_rate,
            "sms": self.sms_rate,
            "webhook": self.webhook_rate,
            "letter": self.letter_rate,
        }
        return rates[channel]

    @property
    def networks(self) -> tuple[Network, ...]:
        """The private networks that gateways may be in."""
        return tuple(ipaddress.ip_network(part) for part in _parts(self.gateway_networks))

    @property
    def open_channels(self) -> tuple[AddressChannel, ...]:
        """The channels that have somewhere to go."""
        ways: dict[AddressChannel, object] = {
            "email": self.mail_host,
            "sms": self.sms_gateway,
            "webhook": self.webhook_gateway,
            "letter": self.letters_folder,
        }
        return tuple(channel for channel, way in ways.items() if way is not None)


def _parts(written: str) -> list[str]:
    return [part.strip() for part in written.split(",") if part.strip()]


def _faults_of_address(name: str, address: str, https_only: bool) -> list[str]:
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return [f"{name} must be an address that begins with https://"]
    if https_only and parts.scheme != "https":
        return [f"{name} must begin with https://"]
    if parts.username or parts.password or parts.fragment:
        return [f"{name} must hold no user, password or fragment"]
    return []


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
