"""The API at an address of this machine, for clients that speak HTTP: the handlers run in here."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from tests.support.gateway import Gateway


@contextmanager
def running_api(callers: Mapping[str, Gateway]) -> Iterator[str]:
    """The address of the API. callers: who sends which token; nobody else is known."""
    nobody = Gateway(None)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            url = urlsplit(self.path)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            length = int(self.headers.get("Content-Length") or 0)
            answer = callers.get(token, nobody)(
                self.command,
                url.path.removeprefix("/v1"),
                body=self.rfile.read(length).decode() or None,
                headers=dict(self.headers.items()),
                query=dict(parse_qsl(url.query)),
            )
            body = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
