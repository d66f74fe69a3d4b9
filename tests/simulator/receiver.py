"""A webhook endpoint for tests: it keeps what it gets, and gives the answers it is told to."""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

_PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Received:
    signature: str
    payload: bytes

    def event(self, secret: str) -> stripe.Event:
        """The event, after its signature has been verified."""
        event: stripe.Event = stripe.Webhook.construct_event(self.payload, self.signature, secret)
        return event


@dataclass
class Receiver:
    """Uses `answers` in order; after that it answers every delivery with 200."""

    url: str
    answers: deque[int] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[Received]:
        with self.changed:
            arrived = self.changed.wait_for(
                lambda: len(self.received) >= count, timeout=_PATIENCE_SECONDS
            )
            assert arrived, f"{len(self.received)} of {count} deliveries came"
            return list(self.received)

    def take(self, delivery: Received) -> int:
        with self.changed:
            self.received.append(delivery)
            self.changed.notify_all()
            return self.answers.popleft() if self.answers else 200


@contextlib.contextmanager
def running_receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Received(self.headers["Stripe-Signature"], payload))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/webhooks")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
