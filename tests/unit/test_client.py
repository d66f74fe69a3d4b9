"""Clients: which network an address is in."""

import pytest

from payments.domain.client import Client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100"),
        ("8.8.8.8", "8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
        ("2001:db8:1:2::", "20010db800010002"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("192.168.1.1", None),
        ("172.16.0.1", None),
        ("172.32.0.1", "172.32.0"),
        ("169.254.1.1", None),
        ("::1", None),
        ("fe80::1", None),
        ("fd00::1", None),
        ("not an address", None),
        ("1.2.3", None),
        ("8.8.8.8\x00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_network_is_a_24_or_a_64_of_the_internet(
    address: str | None, network: str | None
) -> None:
    assert Client(address).network == network
