"""The floor of a backend call: prepared bytes over a connection that is kept, and nothing else."""

import os
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

_HOST = urlsplit(os.environ["STRIPE_API_BASE"])
_REQUEST = f"GET /_simulator/health HTTP/1.1\r\nHost: {_HOST.netloc}\r\n\r\n".encode()
_connection = socket.create_connection((_HOST.hostname, _HOST.port))
_connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
if _HOST.scheme == "https":
    _connection = ssl.create_default_context().wrap_socket(
        _connection, server_hostname=_HOST.hostname
    )


def lambda_handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    _connection.sendall(_REQUEST)
    if not _connection.recv(4096).startswith(b"HTTP/1.1 200 OK"):
        raise RuntimeError("the simulator is not well")
    return {"statusCode": 200, "body": "{}"}
