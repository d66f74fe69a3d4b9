"""A container engine that starts nothing: it answers SAM, and keeps what it was asked to create."""

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_VERSION = re.compile(r"^/v[\d.]+")


class ContainerEngine(socketserver.ThreadingUnixStreamServer):
    """Speaks as much of Docker's API as SAM needs before a container starts.

    https://docs.docker.com/reference/api/engine/
    """

    daemon_threads = True

    def __init__(self, socket: Path) -> None:
        super().__init__(str(socket), _Handler)
        self.address = f"unix://{socket}"
        self.security_options = ["name=seccomp,profile=builtin"]
        self.networks = {"bridge": {"Subnet": "203.0.113.0/24", "Gateway": "203.0.113.1"}}
        self.has_images = True
        self.created: list[dict[str, Any]] = []

    def answer(self, path: str, body: bytes) -> tuple[int, object]:
        """A request's status and answer."""
        if path == "/containers/create":
            self.created.append(json.loads(body))
            return 500, {"message": "this engine starts nothing"}
        answers: dict[str, object] = {
            "/_ping": "OK",
            "/version": {"ApiVersion": "1.45"},
            "/info": {"SecurityOptions": self.security_options},
            "/build": {"stream": "Successfully built"},
        }
        for name, config in self.networks.items():
            answers[f"/networks/{name}"] = {"Id": name, "IPAM": {"Config": [config]}}
        if self.has_images and path.startswith("/images/") and path.endswith("/json"):
            answers[path] = {"Id": "sha256:0", "Config": {}}
        found = path in answers
        return (200, answers[path]) if found else (404, {"message": f"{path} not found"})


class _Handler(BaseHTTPRequestHandler):
    server: ContainerEngine
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        path = _VERSION.sub("", unquote(urlsplit(self.path).path))
        status, answer = self.server.answer(path, self._read_body())
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = _answer  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body = self.rfile.read(size)  # of a build, whose content nobody looks at
            self.rfile.readline()
        self.rfile.readline()
        return body

    def address_string(self) -> str:
        return "SAM"  # the peer of such a socket has no address

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def container_engine(directory: Path) -> Iterator[ContainerEngine]:
    """Run an engine; the directory's path has to be short, as for every such socket."""
    with ContainerEngine(directory / "docker.sock") as engine:
        thread = threading.Thread(target=engine.serve_forever, daemon=True)
        thread.start()
        try:
            yield engine
        finally:
            engine.shutdown()
            thread.join()
