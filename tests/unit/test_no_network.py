"""Unit tests cannot reach anything, by mistake or otherwise."""

import socket

import pytest
from pytest_socket import SocketBlockedError


def test_a_socket_does_not_open() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
