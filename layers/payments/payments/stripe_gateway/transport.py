"""How Stripe's SDK sends its requests. The SDK itself still decides when to retry."""

import json
from collections.abc import Mapping
from typing import Any

import stripe

from payments import deadline, logs, traces
from payments.stripe_gateway import pace
from payments.transport import NoResponseError, Transport, shared

# Three tries of at most 7 seconds, with the waits between them, fit into API Gateway's 29.
_CONNECT_TIMEOUT_SECONDS = 1.5
_TIMEOUT_SECONDS = 7.0
# Most calls to Stripe take a fraction of a second: with less left, a try would be cut off.
_SHORTEST_TRY_SECONDS = 0.5


# The SDK makes an object of every value in an answer, which takes longer than all the rest of a
# call. We read answers as plain JSON, so the SDK gets each as one text, under this name.
RAW = "raw"

_FIRST_REDIRECT = 300
_TOO_MANY_REQUESTS = 429


class CurlClient(stripe.HTTPClient):
    """An HTTP client for the SDK, whose own libcurl client gives every request 80 seconds."""

    name = "pycurl"

    def __init__(self, api_base: str, *, transport: Transport | None = None) -> None:
        super().__init__()
        self._api_base = api_base
        self._transport = transport or shared()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request."""
        body = post_data.encode() if isinstance(post_data, str) else post_data
        our_pace = pace.current()
        if our_pace:
            our_pace.wait()
        try:
            with traces.call("stripe", operation=_operation(method, url)) as trace:
                response = self._transport.send(
                    method.upper(),
                    url,
                    headers=headers or {},
                    body=body,
                    connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                    timeout=_TIMEOUT_SECONDS,
                )
                request_id = response.headers.get("request-id")
                trace["status"], trace["stripe_request_id"] = response.status, request_id
        except NoResponseError as error:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                f"No answer from Stripe: {error}.", should_retry=error.worth_retrying
            ) from error
        logs.note(stripe_request_id=request_id)
        text = response.body.decode(errors="replace")
        if our_pace:
            our_pace.answered(rate_limited=_is_rate_limit(response.status, text))
        if response.status < _FIRST_REDIRECT:
            text = json.dumps({"object": RAW, RAW: text})
        elif not _is_error_of_stripes(text):
            text = "{}"  # or the SDK's error would repeat it, and our log with it
        return text, response.status, response.headers

    def open(self) -> None:
        """Open a connection ahead of time, if possible."""
        self._transport.open(self._api_base + "/")

    def close(self) -> None:
        """Close this thread's connections."""
        self._transport.close()

    def _should_retry(
        self,
        response: tuple[Any, int, Mapping[str, str] | None] | None,
        api_connection_error: stripe.APIConnectionError | None,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        wanted = super()._should_retry(
            response, api_connection_error, num_retries, max_network_retries
        )
        # The SDK gives up on a 429. A background job has time, and asks at a slower pace now.
        if response and response[1] == _TOO_MANY_REQUESTS and pace.current():
            wanted = num_retries < (max_network_retries or 0)
        longest_wait = min(self.INITIAL_DELAY * 2**num_retries, self.MAX_DELAY)
        return wanted and deadline.allows(longest_wait + _SHORTEST_TRY_SECONDS)


def _operation(method: str, url: str) -> str:
    """What is called; its query may hold an email address."""
    path = url.partition("?")[0].partition("/v1/")[2]
    return f"{method.upper()} {path}"


def _is_rate_limit(status: int, text: str) -> bool:
    """Whether we ask too much: the 429 of an object that somebody else has locked is another."""
    return status == _TOO_MANY_REQUESTS and '"lock_timeout"' not in text


def _is_error_of_stripes(text: str) -> bool:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and isinstance(body.get("error"), dict)
