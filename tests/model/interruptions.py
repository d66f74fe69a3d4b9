"""Things that happen elsewhere during a request, between two of a function's calls to AWS.

A use case plays the part of a second Lambda.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import boto3


class Interruptions:
    """Makes something happen once, during the next request."""

    def __init__(self, session: boto3.Session) -> None:
        """Watch the clients that this session creates from now on."""
        self._act: Callable[[], object] | None = None
        self._moments_left = 0
        self._watching = False
        for moment in ("before-call", "after-call"):
            session.events.register(moment, self._moment)

    @property
    def expected(self) -> bool:
        """Whether the next request may be interrupted."""
        return self._act is not None

    def expect(self, act: Callable[[], object], *, moment: int) -> None:
        """Act at this moment of the next request: 0 is before its first call, 1 after it, …"""
        self._act, self._moments_left = act, moment

    def forget(self) -> None:
        """Interrupt nothing."""
        self._act = None

    @contextmanager
    def possible(self) -> Iterator[None]:
        """Run one request, during which interruptions may happen."""
        self._watching = True
        try:
            yield
        finally:
            self._watching = False
            self.forget()

    def _moment(self, **_: object) -> None:
        if not self._watching or self._act is None:
            return
        if self._moments_left:
            self._moments_left -= 1
            return
        act, self._act = self._act, None
        self._watching = False
        act()
        self._watching = True
