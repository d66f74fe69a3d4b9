"""Running the simulator: as a process of its own, or inside a test.

with running_simulator() as simulator:
    client = stripe.StripeClient("sk_test_simulator", base_addresses={"api": simulator.url})
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass

import uvicorn
from uvicorn.protocols.utils import get_remote_addr

from stripe_simulator.app import create_app
from stripe_simulator.connections import abort
from stripe_simulator.simulator import Simulator

SECRET_KEY = "sk_test_simulator"  # noqa: S105  (any sk_test_… key is taken)
PUBLISHABLE_KEY = "pk_test_simulator"

_START_SECONDS = 10
_BACKLOG = 1024
_KEEP_ALIVE_SECONDS = 300


@dataclass(frozen=True)
class RunningSimulator:
    """Where a simulator listens, and keys that it takes."""

    url: str
    secret_key: str = SECRET_KEY
    publishable_key: str = PUBLISHABLE_KEY


@contextlib.contextmanager
def running_simulator(host: str = "127.0.0.1", port: int = 0) -> Generator[RunningSimulator]:
    """A simulator in a background thread, by default on a free port, stopped at the end."""
    listener = _listen(host, port)
    url = _url(listener)
    ready = threading.Event()
    server = _Server(ready.set)
    thread = threading.Thread(
        target=asyncio.run, args=(server.serve([listener]),), name="stripe-simulator", daemon=True
    )
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise RuntimeError("The Stripe simulator did not start; its log says why.")
        yield RunningSimulator(url)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)


def serve(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; on_ready learns the URL once connections are accepted."""
    listener = _listen(host, port)
    url = _url(listener)
    server = _Server(lambda: on_ready(url))
    asyncio.run(server.serve([listener]))


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, stops at once, and can drop a connection."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        self._simulator = Simulator()
        app = create_app(self._simulator)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_ready = on_ready
        app.state.connections = self

    def drop(self, client: tuple[str, int], *, reset: bool) -> None:
        """Close one client's connection without an answer."""
        for connection in list(self.server_state.connections):
            if get_remote_addr(connection.transport) == client:
                abort(connection.transport, reset=reset)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Nothing here is worth waiting for, least of all a request that a fault keeps hanging.
        for connection in list(self.server_state.connections):
            abort(connection.transport, reset=False)
        await self._simulator.webhooks.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        # uvicorn's own raises the signal anew after a clean stop, and the exit code tells of it.
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets that name TCP: 40 ms an answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
