"""Where a webhook may go: only to addresses that are public, or in a network the operator allows.

The name is looked up once, each address it has is checked, and the connection is made to the address that
was checked: what a name stands for cannot change in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from serving.delivery.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Sequence[str]]


class DestinationRefused(ValueError):
    """A gateway whose name leads somewhere a webhook must not go, or nowhere."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A gateway by the address to connect to, and by the name to ask it under."""

    url: str
    host: str
    """The Host header."""
    name: str
    """What its certificate is held against."""


def lookup(host: str, port: int) -> Sequence[str]:
    """The addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def destination(url: str, allowed: Sequence[Network], find: Lookup = lookup) -> Destination:
    """Where a gateway is. Raises DestinationRefused; one bad address among several is enough for it."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = [ipaddress.ip_address(text) for text in find(name, port)]
    except (OSError, UnicodeError, ValueError) as error:
        raise DestinationRefused("the gateway's name leads nowhere") from error
    if not addresses:
        raise DestinationRefused("the gateway's name leads nowhere")
    if not all(may_go(address, allowed) for address in addresses):
        raise DestinationRefused("the gateway is in a network that is neither public nor allowed")
    first = addresses[0]
    written = f"[{first}]" if first.version == 6 else str(first)
    return Destination(
        url=urlunsplit((parts.scheme, f"{written}:{port}", parts.path or "/", parts.query, "")),
        host=parts.netloc,
        name=name,
    )


def may_go(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address, and what it may stand for, is public, or in a network that is allowed."""
    inner = _inner(address)
    if any(address in network or inner in network for network in allowed):
        return True
    return all(one.is_global and not one.is_multicast for one in (address, inner))


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = None if address.teredo is None else address.teredo[1]
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or teredo or nat64 or address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
