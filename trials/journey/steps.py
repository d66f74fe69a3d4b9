"""Make requests, report them, and compare the answers with what was expected."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

import httpx

TIMEOUT_SECONDS = 60.0


class UnexpectedAnswerError(Exception):
    """A step's answer was not as expected."""


@dataclass
class Step:
    """One request of the journey."""

    title: str
    method: str
    path: str
    status: int = 0
    milliseconds: int = 0
    body: dict[str, Any] = field(default_factory=dict, repr=False)


class Reporter:
    """Prints each step as it ends."""

    def __init__(self, stream: TextIO, *, before_each: Callable[[], None]) -> None:
        self._stream = stream
        self._before_each = before_each

    @contextmanager
    def step(self, title: str, method: str, path: str) -> Iterator[Step]:
        """Time a step; the block fills in its status."""
        self._before_each()
        step = Step(title, method, path)
        started = time.perf_counter()
        try:
            yield step
        finally:
            step.milliseconds = round((time.perf_counter() - started) * 1000)
            status = step.status or "—"
            self.line(f"  {status:>3} {step.milliseconds:>6} ms  {title:<32} {method:<5} {path}")

    def line(self, text: str) -> None:
        """Print a line."""
        self._stream.write(f"{text}\n")
        self._stream.flush()


class Http:
    """A server that the journey uses: Till's API, or Stripe's as the browser reaches it."""

    def __init__(self, base_url: str, reporter: Reporter, *, auth: tuple[str, str] | None) -> None:
        self._base_url = base_url
        self._reporter = reporter
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, auth=auth)
        self.headers: dict[str, str] = {}

    def request(
        self, title: str, method: str, path: str, *, status: int | set[int], **arguments: Any
    ) -> dict[str, Any]:
        """Make a request and return the answer's body.

        Raises:
            UnexpectedAnswerError: the status is different.
        """
        headers = {**self.headers, **arguments.pop("headers", {})}
        with self._reporter.step(title, method, path) as step:
            answer = self._client.request(
                method, f"{self._base_url}{path}", headers=headers, **arguments
            )
            step.status = answer.status_code
        expected = {status} if isinstance(status, int) else status
        if answer.status_code not in expected:
            raise UnexpectedAnswerError(
                f"{method} {path} answered {answer.status_code} instead of {status}:\n{answer.text}"
            )
        body: dict[str, Any] = answer.json()
        return body

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def expect(name: str, actual: object, expected: object) -> None:
    """Compare a value.

    Raises:
        UnexpectedAnswerError: it is different.
    """
    if actual != expected:
        raise UnexpectedAnswerError(f"{name} is {actual!r} instead of {expected!r}.")
