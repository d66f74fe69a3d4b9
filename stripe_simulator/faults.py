"""Faults that tests order: for the next `times` requests that match, something goes wrong.

path is an exact path or a pattern: `*` and `{anything}` stand for one segment, `**` for all that
remains. method may be `*`. The first fault that matches and isn't used up is taken, and every
attempt of a retrying client counts as a request.

Nothing was done:
    http_500: an answer of 500, before anything was done or remembered.
    rate_limit, lock_timeout: 429, likewise.
    refusal: Stripe refuses for good: `status` (400 unless given), `type`, `code`, `param`,
        `message`. Not remembered.
    proxy_error: something in front of Stripe answers: `status` (502 unless given) and `body`, to
        the letter (an HTML page unless given). No header of Stripe's.
    connection_reset: the connection is reset at once.
    timeout_before: no answer for `ms`, then the connection drops.

Execution began, so that the answer is remembered under the idempotency key, and replayed:
    remembered_500: 500, and nothing was made.
    remembered_500_after: 500, although all was done.

All was done:
    proxy_error_after: as proxy_error; a replay gets Stripe's own answer.
    timeout_after: as timeout_before; the answer is lost.
    latency: the work takes `ms` longer, during which its object is locked and its idempotency key
        in use; then it is answered.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stripe_simulator.errors import StripeError
from stripe_simulator.locks import lock_timeout

_PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"
_STATUS_OF_A_PROXY = 502
_STATUS_OF_A_REFUSAL = 400


class FaultKind(StrEnum):
    HTTP_500 = "http_500"
    REMEMBERED_500 = "remembered_500"
    REMEMBERED_500_AFTER = "remembered_500_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    CONNECTION_RESET = "connection_reset"
    LATENCY = "latency"
    RATE_LIMIT = "rate_limit"
    LOCK_TIMEOUT = "lock_timeout"
    REFUSAL = "refusal"
    PROXY_ERROR = "proxy_error"
    PROXY_ERROR_AFTER = "proxy_error_after"


_PROXY = frozenset({FaultKind.PROXY_ERROR, FaultKind.PROXY_ERROR_AFTER})
_FIELDS_OF = {
    "status": _PROXY | {FaultKind.REFUSAL},
    "body": _PROXY,
    **{name: {FaultKind.REFUSAL} for name in ("type", "code", "param", "message")},
}


class FaultOrder(BaseModel):
    """The body of POST /_simulator/faults."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"
    path: str = "/v1/**"
    times: int = Field(default=1, ge=1)
    ms: int = Field(default=0, ge=0)
    status: int | None = Field(default=None, ge=200, le=599)
    body: str | None = None
    type: str | None = None
    code: str | None = None
    param: str | None = None
    message: str | None = None

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        for name, kinds in _FIELDS_OF.items():
            if name in self.model_fields_set and self.kind not in kinds:
                raise ValueError(f"'{name}' means nothing to {self.kind}.")
        return self

    @property
    def proxy_answer(self) -> tuple[int, str]:
        """Status and body of a proxy's answer."""
        return self.status or _STATUS_OF_A_PROXY, _PROXY_PAGE if self.body is None else self.body


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
            fault.order.model_dump(mode="json", exclude_none=True) | {"remaining": fault.remaining}
            for fault in self._faults
        ]


def raise_error_of(fault: FaultOrder) -> None:
    """Answer with the fault's error, if it is one that answers before anything is done.

    Raises:
        StripeError: 500, 429 or the refusal that was ordered.
    """
    match fault.kind:
        case FaultKind.HTTP_500:
            raise server_error(began=False)
        case FaultKind.RATE_LIMIT:
            raise StripeError(
                "Too many requests hit the API too quickly.",
                status=429,
                code="rate_limit",
                began=False,
                headers={"Retry-After": "1"},
            )
        case FaultKind.LOCK_TIMEOUT:
            raise lock_timeout()
        case FaultKind.REFUSAL:
            raise StripeError(
                fault.message or "Your account cannot currently do this.",
                status=fault.status or _STATUS_OF_A_REFUSAL,
                kind=fault.type or "invalid_request_error",
                code=fault.code,
                param=fault.param,
                began=False,
            )


def server_error(*, began: bool) -> StripeError:
    """Stripe's answer when it broke."""
    message = "Something went wrong on Stripe's end."
    return StripeError(message, status=500, kind="api_error", began=began)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*|\{[^{}/]*\})", path)
    regex = [re.escape(part) for part in parts]
    for index in range(1, len(parts), 2):
        regex[index] = ".*" if parts[index] == "**" else "[^/]+"
    return re.compile("".join(regex))
