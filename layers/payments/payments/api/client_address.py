"""The address that a request comes from.

Behind CloudFront, API Gateway sees CloudFront's address. A function of the distribution therefore
sets a header with the viewer's, and the distribution adds a secret that nobody else knows.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Any

ADDRESS_HEADER = "true-client-ip"
SECRET_HEADER = "x-origin-secret"  # noqa: S105 - the header's name

_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,45}")


def client_address(
    headers: Mapping[str, Any], source_ip: object, *, origin_secret: str
) -> str | None:
    """The client's address, such as 198.51.100.7 or 2001:db8::7; None if there is none.

    headers: by lower-case name. What the address header says counts only beside the origin's
    secret; without it, the address is source_ip, the one that API Gateway was called from.
    """
    told = headers.get(ADDRESS_HEADER)
    if _through_cloudfront(headers.get(SECRET_HEADER), origin_secret) and _is_address(told):
        return str(told)
    return str(source_ip) if _is_address(source_ip) else None


def _through_cloudfront(sent: object, origin_secret: str) -> bool:
    # In constant time: how long it takes tells nothing about the secret.
    return (
        bool(origin_secret)
        and isinstance(sent, str)
        and hmac.compare_digest(sent.encode(), origin_secret.encode())
    )


def _is_address(value: object) -> bool:
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
