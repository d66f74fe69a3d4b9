"""Who is at the other end of a request, as far as the network tells."""

import socket
from dataclasses import dataclass

_IPV4_NETWORK = 3  # /24
_IPV6_NETWORK = 8  # /64


@dataclass(frozen=True, slots=True)
class Client:
    """The client's address and browser; None where nobody told."""

    address: str | None = None
    user_agent: str | None = None

    @property
    def network(self) -> str | None:
        """The network that the address is in: /24, or /64 in IPv6.

        None for addresses that are nobody's own on the internet: those of a machine or a home.
        """
        if self.address is None:
            return None
        try:
            return _ipv4_network(socket.inet_pton(socket.AF_INET, self.address))
        except (OSError, ValueError):
            pass
        try:
            packed = socket.inet_pton(socket.AF_INET6, self.address)
        except (OSError, ValueError):
            return None
        if packed[:12] == bytes(10) + b"\xff\xff":  # an IPv4 address
            return _ipv4_network(packed[12:])
        if packed[0] & 0xE0 != 0x20:  # noqa: PLR2004  (2000::/3 is what the internet uses)
            return None
        return packed[:_IPV6_NETWORK].hex()


def _ipv4_network(packed: bytes) -> str | None:
    first, second = packed[0], packed[1]
    private = (
        first in {0, 10, 127}
        or (first == 192 and second == 168)  # noqa: PLR2004
        or (first == 172 and second & 0xF0 == 16)  # noqa: PLR2004
        or (first == 169 and second == 254)  # noqa: PLR2004
    )
    return None if private else ".".join(map(str, packed[:_IPV4_NETWORK]))


NOBODY = Client()
