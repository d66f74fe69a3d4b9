"""Stripe and AWS as slow as a test says, on a clock that a test owns: nobody really waits.

Everything of Till runs as it is, down to the limit of time that it gives to libcurl. The answers
are those of the simulator and of moto.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import httpx
import pytest

from payments import transport
from payments.aws.client import (
    COGNITO,
    DYNAMODB,
    EVENT_BRIDGE,
    SECRETS_MANAGER,
    SQS,
    AwsClient,
    AwsError,
    Service,
)
from payments.transport import NoResponseError, Response
from tests.support import gateway
from tests.support.fakes.aws_transport import Boto3Client

STRIPE = "stripe"
_OF_AWS = {each.name: each for each in (COGNITO, DYNAMODB, EVENT_BRIDGE, SECRETS_MANAGER, SQS)}
SERVICES = [STRIPE, *_OF_AWS]

type Behaviour = Callable[["Clock", Callable[[], Response], float], Response]


class Clock:
    """Stands still, unless somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.time = time.time
        self.perf_counter = time.perf_counter

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def at_once(_clock: Clock, answer: Callable[[], Response], _seconds: float) -> Response:
    """Answer without any delay."""
    return answer()


def never(clock: Clock, _answer: Callable[[], Response], seconds: float) -> Response:
    """Do nothing, nor answer. It is the same for whoever sends a byte at a time."""
    clock.sleep(seconds)
    raise NoResponseError("it took too long", was_sent=True, worth_retrying=True)


def after(delay: float) -> Behaviour:
    """Do what is asked at once, and answer so many seconds later, if that is not too late."""

    def behaviour(clock: Clock, answer: Callable[[], Response], seconds: float) -> Response:
        answered = answer()
        if delay > seconds:
            return never(clock, answer, seconds)
        clock.sleep(delay)
        return answered

    return behaviour


@dataclass(frozen=True)
class Call:
    """A request: to which service, when, and how long it might take."""

    service: str
    began_at: float
    seconds: float


@dataclass
class Internet:
    """Everything that the functions call."""

    clock: Clock
    calls: list[Call] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    ends_at: float = 1e9

    def invocation_ends_in(self, seconds: float) -> None:
        """Let Lambda give the next invocations so long in all, and forget what was called."""
        self.calls.clear()
        self.ends_at = self.clock.now + seconds

    def called(self, service: str) -> int:
        """How often a service was called."""
        return sum(call.service == service for call in self.calls)

    def get_remaining_time_in_millis(self) -> int:
        """What Lambda says to an invocation."""
        return int((self.ends_at - self.clock.now) * 1000)

    def answer(self, request: "Request", seconds: float) -> Response:
        """Answer one request, or do not."""
        target = request.headers.get("X-Amz-Target")
        service = request.aws_service(target).name if target else STRIPE
        self.calls.append(Call(service, self.clock.now, seconds))
        behaviour = self.behaviours.get(service, at_once)
        return behaviour(self.clock, request.to_moto if target else request.to_simulator, seconds)


@dataclass(frozen=True)
class Request:
    """What was given to libcurl."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None

    def aws_service(self, target: str) -> Service:
        """The service that X-Amz-Target names."""
        return next(each for each in _OF_AWS.values() if target.startswith(f"{each.target}."))

    def to_simulator(self) -> Response:
        """The simulator's answer."""
        answered = _simulator().request(
            self.method, self.url, headers=self.headers, content=self.body
        )
        return Response(
            answered.status_code,
            {name.lower(): value for name, value in answered.headers.items()},
            answered.content,
        )

    def to_moto(self) -> Response:
        """The answer of moto, in the wire format."""
        target = self.headers["X-Amz-Target"]
        operation = target.rsplit(".", maxsplit=1)[-1]
        try:
            said = _moto(self.aws_service(target)).call(operation, json.loads(self.body or b"{}"))
        except AwsError as error:
            shown = {**error.answer, "__type": error.code, "message": error.message}
            return Response(400, {}, json.dumps(shown, default=str).encode())
        return Response(200, {}, json.dumps(said, default=str).encode())


@cache
def _simulator() -> httpx.Client:
    return httpx.Client(trust_env=False, verify=False)  # noqa: S501


@cache
def _moto(service: Service) -> Boto3Client:
    return Boto3Client(service)


@contextmanager
def slow_services(patch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Put this between Till and everything else, for clients that are made from here on."""
    internet = Internet(Clock())

    class Connection:
        """An easy handle of libcurl, without libcurl."""

        def __init__(self, *_: object) -> None:
            self._request: Request
            self._seconds = 0.0

        def is_clean(self) -> bool:
            return True

        def detach(self, *, reusable: bool) -> None:
            """There is nothing to detach."""

        def close(self) -> None:
            """There is nothing to close."""

        def prepare(
            self, method: str, url: str, lines: list[str], body: bytes | None, _signer: object
        ) -> None:
            headers = dict(line.split(": ", 1) for line in lines if ": " in line)
            self._request = Request(method, url, headers, body)

        def limit(self, seconds: float, _connect_seconds: float) -> None:
            self._seconds = seconds

        def perform(self) -> Response:
            return internet.answer(self._request, self._seconds)

    patch.setattr(transport, "_Connection", Connection)
    patch.setattr(gateway, "Context", lambda: internet)
    for name, module in list(sys.modules.items()):
        if name.startswith("payments.") and getattr(module, "time", None) is time:
            patch.setattr(module, "time", internet.clock)
        if getattr(module, "AwsClient", None) is Boto3Client:
            patch.setattr(module, "AwsClient", AwsClient)
    patch.setattr("stripe._http_client.time", internet.clock)
    transport.shared.cache_clear()
    yield internet
    transport.shared.cache_clear()
    _moto.cache_clear()
    _simulator().close()
    _simulator.cache_clear()
