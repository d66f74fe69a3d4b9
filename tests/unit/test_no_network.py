"""Unit tests cannot reach anything, by mistake or otherwise."""

import socket

import pytest
from pytest_socket import SocketBlockedError

from payments.transport import Transport


def test_a_socket_does_not_open() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()


def test_libcurl_sends_nothing() -> None:
    with pytest.raises(AssertionError, match="sends nothing"):
        Transport().send("GET", "http://127.0.0.1:1/", headers={}, connect_timeout=1, timeout=1)
