"""Where the server listens, on top of the settings everything above records shares."""

from __future__ import annotations

import ipaddress
from typing import ClassVar

from pydantic import Field, field_validator

from records.settings import Settings


class ServingSettings(Settings):
    """Settings of the server; `QIANMIAN_HOST` and `QIANMIAN_PORT` say where it listens."""

    toml_tables: ClassVar[frozenset[str]] = frozenset({"serving"})

    host: str = "127.0.0.1"
    """The address to listen on; loopback only, as long as nobody signs in."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        if host == "localhost" or _is_loopback(host):
            return host
        raise ValueError(
            f"cannot listen on {host!r}: access control is not part of this version, so the server "
            "binds to loopback only. Set QIANMIAN_HOST to 127.0.0.1, ::1 or localhost."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
