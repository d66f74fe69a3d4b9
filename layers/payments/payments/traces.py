"""Calls as subsegments of a trace: which, to whom, how long, with what ids. Never any content.

X-Ray's own SDK would cost a start 250 ms. A subsegment is one datagram to the daemon beside the
function; where a request is not sampled, nothing is made and nothing is sent.
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from payments import logs

_HEADER = b'{"format":"json","version":1}\n'
_TOO_MANY_REQUESTS = 429
_FAULT, _ERROR = 500, 400
_IDS = {"correlation_id": "request_id", "payment_id": "payment_id"}


@contextmanager
def call(name: str, **ids: str) -> Iterator[dict[str, Any]]:
    """Trace the call in the block; what it puts in the dictionary is noted too.

    `name` is who is called. `status` in the dictionary is the answer's, all else are ids.
    """
    noted: dict[str, Any] = {}
    trace = os.environ.get("_X_AMZN_TRACE_ID", "")  # Lambda sets it for each request
    if "Sampled=1" not in trace:
        yield noted
        return
    started = time.time()
    try:
        yield noted
    finally:
        with suppress(OSError, ValueError, KeyError):  # the request matters more than its trace
            _send(_document(name, dict(_parts(trace)), started, ids | noted))


def _parts(trace: str) -> Iterator[tuple[str, str]]:
    for part in trace.split(";"):
        key, _, value = part.partition("=")
        yield key, value


def _document(
    name: str, trace: dict[str, str], started: float, noted: dict[str, Any]
) -> dict[str, Any]:
    status = noted.pop("status", None)
    about = {ours: value for key, ours in _IDS.items() if (value := logs.noted(key))}
    document = {
        "type": "subsegment",
        "id": os.urandom(8).hex(),
        "trace_id": trace["Root"],
        "parent_id": trace["Parent"],
        "name": name,
        "namespace": "remote",
        "start_time": started,
        "end_time": time.time(),
        "annotations": {key: value for key, value in (about | noted).items() if value},
    }
    if status is None:
        return document | {"fault": True}  # no answer came
    return document | {
        "http": {"response": {"status": status}},
        "fault": status >= _FAULT,
        "error": _ERROR <= status < _FAULT,
        "throttle": status == _TOO_MANY_REQUESTS,
    }


def _send(document: dict[str, Any]) -> None:
    import socket  # noqa: PLC0415  only a request that is sampled pays for it

    host, _, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.setblocking(False)
        daemon.sendto(_HEADER + json.dumps(document).encode(), (host, int(port)))
