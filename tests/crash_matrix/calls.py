"""Every call that a step makes to Stripe or AWS, and the step's death at any of them.

We see the calls where they leave the process: in botocore's events, and in `request` of the Stripe
gateway's HTTP client. So a new call in a use case is found automatically.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import stripe
from boto3.session import Session
from botocore.exceptions import ReadTimeoutError

# An object's id in a path of Stripe's API.
_ID = re.compile(r"(?<=/)[a-z]+_\w{14,}")
_ORIGIN_AND_QUERY = re.compile(r"^https?://[^/]+|\?.*$")


class Death(BaseException):
    """The process is gone; nothing in it can catch this."""


class How(StrEnum):
    """What happens at a call."""

    BEFORE = "dies before"
    AFTER = "dies after"
    LOST_ONCE = "loses the first answer of"  # the SDK's own retry heals it
    LOST = "gets no answer of"  # however often the SDK retries
    UNREACHED = "never reaches"
    FAILED_FOR_A_DAY = "is failed for a day by Stripe at"  # and nothing was done
    DONE_AND_FAILED = "is failed for a day by Stripe, which has done"
    OVERTAKEN = "is overtaken before"  # it lives, but others come in between


# Faults of the simulator's: Stripe repeats these failures under their idempotency key.
REMEMBERED = {
    How.FAILED_FOR_A_DAY: "remembered_500",
    How.DONE_AND_FAILED: "remembered_500_after",
}


@dataclass(frozen=True)
class Cut:
    """Where a step is interrupted: at its call `number`, counted from 0, or at the first `call`.

    meanwhile: what overtakes it there.
    """

    call: str
    how: How
    number: int | None = None
    meanwhile: Callable[[], None] | None = None


@dataclass
class _Watch:
    """A running step: its calls so far, and how often the last of them was tried."""

    cut: Cut | None
    made: list[str] = field(default_factory=list)
    tries: int = 0
    happened: bool = False

    def is_at(self, how: How) -> bool:
        """Whether this is the moment of its cut."""
        cut = self.cut
        if cut is None or cut.how is not how or self.made[-1] != cut.call:
            return False
        here = cut.number in {None, len(self.made) - 1}
        self.happened |= here
        return here


class Calls:
    """Lists the calls of the watched step, and interrupts it at the given place.

    `on_put_events` is told what has arrived on the event bus, `fail_next` which fault Stripe's next
    request is to meet.
    """

    def __init__(
        self,
        on_put_events: Callable[[list[dict[str, Any]]], None],
        fail_next: Callable[[str], None],
    ) -> None:
        self._on_put_events = on_put_events
        self._fail_next = fail_next
        self._watch: _Watch | None = None

    @contextmanager
    def watched(self, cut: Cut | None = None) -> Iterator[list[str]]:
        """List the calls made meanwhile, and interrupt the step at one of them.

        Raises:
            Death: it was interrupted for good.
        """
        outer, watch = self._watch, _Watch(cut)
        self._watch = watch
        try:
            yield watch.made
        finally:
            self._watch = outer
            assert watch.happened or cut is None, f"no such call among {watch.made}: {cut}"

    def watch_aws(self, session: Session) -> None:
        """Watch every client that the session makes from now on."""
        session.events.register("before-call", self._aws_call_begins)
        session.events.register_first("before-send", self._aws_request_leaves)
        session.events.register_last("before-send", self._aws_answer_arrives)  # moto has answered

    def watch_stripe(self, client: Any) -> None:
        """Watch the gateway's HTTP client, whatever its class."""
        send, send_with_retries = client.request, client.request_with_retries

        def request(method: str, url: str, *rest: Any, **options: Any) -> Any:
            lost = stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                "The answer was lost.", should_retry=True
            )
            self._leaves(lost)
            answer = send(method, url, *rest, **options)
            self._arrives(lost)
            return answer

        def request_with_retries(method: str, url: str, *rest: Any, **options: Any) -> Any:
            path = _ID.sub("*", _ORIGIN_AND_QUERY.sub("", url))
            self._begins(f"stripe {method.upper()} {path}")
            return send_with_retries(method, url, *rest, **options)

        client.request, client.request_with_retries = request, request_with_retries

    def _aws_call_begins(self, model: Any, params: Any, **_: object) -> None:
        counts = "LimitsTable" in str(params["body"])  # no row of a payment, card or person
        name = f"{model.service_model.service_name} {model.name}"
        self._begins(f"{name}, counting" if counts else name)

    def _aws_request_leaves(self, request: Any, **_: object) -> None:
        self._leaves(ReadTimeoutError(endpoint_url=request.url))

    def _aws_answer_arrives(self, request: Any, event_name: str, **_: object) -> None:
        if event_name.endswith(".PutEvents"):
            self._on_put_events(json.loads(request.body)["Entries"])
        self._arrives(ReadTimeoutError(endpoint_url=request.url))

    def _begins(self, call: str) -> None:
        if self._watch:
            self._watch.made.append(call)
            self._watch.tries = 0

    def _leaves(self, lost: Exception) -> None:
        watch = self._watch
        if watch is None:
            return
        watch.tries += 1
        if watch.is_at(How.BEFORE):
            raise Death
        if watch.is_at(How.UNREACHED):
            raise lost
        for how, fault in REMEMBERED.items():
            if watch.is_at(how) and watch.tries == 1:
                self._fail_next(fault)
        if watch.is_at(How.OVERTAKEN) and watch.tries == 1 and watch.cut and watch.cut.meanwhile:
            watch.cut.meanwhile()

    def _arrives(self, lost: Exception) -> None:
        watch = self._watch
        if watch is None:
            return
        if watch.is_at(How.AFTER):
            raise Death
        if watch.is_at(How.LOST) or (watch.is_at(How.LOST_ONCE) and watch.tries == 1):
            raise lost
