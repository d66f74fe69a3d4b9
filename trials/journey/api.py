"""Till's API as one caller uses it, with an audit of what Stripe was asked."""

from dataclasses import dataclass, field
from typing import Any

from local import Stack
from trials.journey.steps import Http, Reporter
from trials.journey.stripe_js import Journal


@dataclass(frozen=True)
class ApiStep:
    """A request to Till, the Stripe calls that it caused, and how many it should cause."""

    title: str
    method: str
    path: str
    stripe_calls: list[dict[str, Any]]
    expected_calls: int = 1


@dataclass
class Audit:
    """What the simulator's journal showed, and the CVC tokens that should be in it."""

    steps: list[ApiStep] = field(default_factory=list)
    cvc_tokens: list[str] = field(default_factory=list)


class Api:
    """One caller: a shopper, somebody of the staff, or a program."""

    def __init__(
        self, stack: Stack, reporter: Reporter, *, journal: Journal | None, audit: Audit
    ) -> None:
        self._http = Http(stack.api_url, reporter, auth=None)
        self._journal = journal
        self._audit = audit

    def log_in(self, token: str) -> None:
        """Use this token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def call(
        self,
        title: str,
        method: str,
        path: str,
        *,
        status: int | set[int],
        stripe_calls: int = 1,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Make a request and return the answer's body; `stripe_calls` is what it should cost.

        Raises:
            UnexpectedAnswerError: the status is different.
        """
        body = self._http.request(title, method, path, status=status, **arguments)
        if self._journal:
            step = ApiStep(title, method, path, self._journal.new_calls(), stripe_calls)
            self._audit.steps.append(step)
        return body

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
