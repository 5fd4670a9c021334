"""Where a webhook may go: never to an address that is private, however it is written or reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.delivery.destination import DestinationRefused, destination, may_go

NETWORKS = (ipaddress.ip_network("10.20.0.0/16"),)
PRIVATE = (
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254"),
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "ff02::1",
    ),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(DestinationRefused):
        destination("https://gateway.example/x", NETWORKS, lambda host, port: [address])


@pytest.mark.parametrize("address", PRIVATE)
def test_one_bad_address_among_good_ones_is_enough(address: str) -> None:
    with pytest.raises(DestinationRefused):
        destination("https://gateway.example/x", (), lambda host, port: ["1.1.1.1", address])


@given(st.ip_addresses(v=4))
def test_only_what_is_public_or_allowed_goes(address: ipaddress.IPv4Address) -> None:
    public = address.is_global and not address.is_multicast
    assert may_go(address, ()) == public
    assert may_go(address, NETWORKS) == (public or address in NETWORKS[0])
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert may_go(mapped, NETWORKS) <= may_go(address, NETWORKS)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    asked: list[tuple[str, int]] = []

    def find(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["10.20.1.2"]

    found = destination("https://gateway.example:8443/in?a=1", NETWORKS, find)
    assert asked == [("gateway.example", 8443)]
    assert found.url == "https://10.20.1.2:8443/in?a=1"
    assert (found.host, found.name) == ("gateway.example:8443", "gateway.example")


def test_a_name_that_leads_nowhere_is_refused() -> None:
    def find(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(DestinationRefused, match="nowhere"):
        destination("https://gateway.example/", (), find)
    with pytest.raises(DestinationRefused, match="nowhere"):
        destination("https://gateway.example/", (), lambda host, port: [])
