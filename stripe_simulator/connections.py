"""Answers that never come: the connection hangs for a while and is then dropped."""

import asyncio
import contextlib
import socket
import struct
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Connections(Protocol):
    """What the server offers for this; the application finds it under `app.state.connections`."""

    def drop(self, client: tuple[str, int], *, reset: bool) -> None: ...


class Dropped(Response):
    """Hang for some seconds, or until the client gives up, then close without a word.

    With reset the client sees a reset connection instead of an orderly end.
    """

    def __init__(self, seconds: float, *, reset: bool) -> None:
        super().__init__()
        self._seconds = seconds
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_disconnected(receive), self._seconds)
        scope["app"].state.connections.drop(tuple(scope["client"]), reset=self._reset)
        await _disconnected(receive)


def abort(transport: asyncio.Transport, *, reset: bool) -> None:
    """Close a connection at once."""
    if reset:
        no_lingering = struct.pack("ii", 1, 0)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_lingering)
    transport.abort()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
