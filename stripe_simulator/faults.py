"""Faults that tests order: for the next `times` requests that match, something goes wrong.

path is an exact path or a pattern: `*` and `{anything}` stand for one segment, `**` for all that
remains. method may be `*`. The first fault that matches and isn't used up is taken, and every
attempt of a retrying client counts as a request.

Kinds:
    http_500: an answer of 500, before anything was done or remembered.
    rate_limit, lock_timeout: 429, likewise.
    connection_reset: the connection is reset at once; nothing was done.
    timeout_before: no answer for `ms`, then the connection drops; nothing was done.
    timeout_after: the request is executed, then as above; the answer is lost.
    latency: the work takes `ms` longer, during which its object is locked and its idempotency key
        in use; then it is answered.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from stripe_simulator.errors import StripeError
from stripe_simulator.locks import lock_timeout


class FaultKind(StrEnum):
    HTTP_500 = "http_500"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    CONNECTION_RESET = "connection_reset"
    LATENCY = "latency"
    RATE_LIMIT = "rate_limit"
    LOCK_TIMEOUT = "lock_timeout"


class FaultOrder(BaseModel):
    """The body of POST /_simulator/faults."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"
    path: str = "/v1/**"
    times: int = Field(default=1, ge=1)
    ms: int = Field(default=0, ge=0)


@dataclass
class _Fault:
    order: FaultOrder
    pattern: re.Pattern[str]
    remaining: int


class Faults:
    """The faults that are still to happen, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def add(self, order: FaultOrder) -> None:
        self._faults.append(_Fault(order, _pattern(order.path), order.times))

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, path: str) -> FaultOrder | None:
        """The fault that befalls this request, which uses it up once."""
        for fault in self._faults:
            if fault.order.method.upper() in {"*", method} and fault.pattern.fullmatch(path):
                fault.remaining -= 1
                if fault.remaining == 0:
                    self._faults.remove(fault)
                return fault.order
        return None

    def pending(self) -> list[dict[str, object]]:
        return [
            fault.order.model_dump(mode="json") | {"remaining": fault.remaining}
            for fault in self._faults
        ]


def raise_error_of(kind: FaultKind) -> None:
    """Answer with the fault's error, if it is one that answers.

    Raises:
        StripeError: 500 or 429.
    """
    if kind is FaultKind.HTTP_500:
        message = "Something went wrong on Stripe's end."
        raise StripeError(message, status=500, kind="api_error", began=False)
    if kind is FaultKind.RATE_LIMIT:
        message = "Too many requests hit the API too quickly."
        raise StripeError(message, status=429, code="rate_limit", began=False)
    if kind is FaultKind.LOCK_TIMEOUT:
        raise lock_timeout()


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*|\{[^{}/]*\})", path)
    regex = [re.escape(part) for part in parts]
    for index in range(1, len(parts), 2):
        regex[index] = ".*" if parts[index] == "**" else "[^/]+"
    return re.compile("".join(regex))
