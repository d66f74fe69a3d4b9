"""An AWS that refuses every request, and repeats it in its message as the real one does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

_MESSAGE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.\n\n"
    "The Canonical String for this request should have been\n'POST\n/\n\n{headers}\n\n{body}'\n"
)


class UnkindAws:
    """A server on a free port."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def refused(self) -> list[str]:
        """The operations that were asked for."""
        return self._server.refused


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.refused: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """A connection opened ahead of time."""
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        """Refuse, at length."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = "\n".join(f"{name.lower()}:{value}" for name, value in self.headers.items())
        refusal = {
            "__type": "com.amazon.coral.service#InvalidSignatureException",
            "message": _MESSAGE.format(headers=headers, body=body),
        }
        answer = json.dumps(refusal).encode()
        assert isinstance(self.server, _Server)
        self.server.refused.append(self.headers["X-Amz-Target"])
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """The test's own output stays clean."""
