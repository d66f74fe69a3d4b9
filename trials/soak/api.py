"""A realistic client of the API: it retries if that is allowed, and gives up in the end."""

import json
import random
import time
from collections.abc import Mapping
from typing import Any

import httpx

from trials.soak.ledger import Ledger, Outcome, Reply

_TRIES = 6
_TOO_MANY, _SERVER_ERROR = 429, 500
# Longer than any function can run.
_PATIENCE_SECONDS = 60.0
_IMPATIENCE_SECONDS = (0.01, 0.4)
# How often a client leaves before the answer, and how often one without a good answer gives up.
_LOSES, _GIVES_UP = 0.06, 0.2
_PAUSE_SECONDS = (0.05, 0.4)


class Api:
    """One person's use of the API; every outcome goes to the ledger."""

    def __init__(
        self, url: str, http: httpx.Client, *, ledger: Ledger, dice: random.Random
    ) -> None:
        self._url = url
        self._http = http
        self._ledger = ledger
        self._dice = dice
        self.token: str | None = None

    def ask(
        self,
        route: str,
        *,
        payment_id: str | None = None,
        key: str | None = None,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        **ids: str,
    ) -> Reply | None:
        """Send a request until it has a usable answer; None if the client gives up first.

        Retries are the same request: same body, same Idempotency-Key. `ids` are the other ids in
        the route.
        """
        for _ in range(_TRIES):
            reply = self._send(
                route, {**ids, "payment_id": payment_id or ""}, key=key, body=body, query=query
            )
            if reply.outcome is Outcome.ANSWERED and not (
                reply.status == _TOO_MANY or reply.status >= _SERVER_ERROR
            ):
                return reply
            if reply.code == "too_many_attempts" or self._dice.random() < _GIVES_UP:
                break
            time.sleep(self._dice.uniform(*_PAUSE_SECONDS))  # as Retry-After asks clients to do
        self._ledger.given_up.append(route)
        return None

    def _send(
        self,
        route: str,
        ids: Mapping[str, str],
        *,
        key: str | None,
        body: Mapping[str, object] | None,
        query: Mapping[str, str] | None,
    ) -> Reply:
        method, path = route.split(" ")
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        loses = self._dice.random() < _LOSES
        patience = self._dice.uniform(*_IMPATIENCE_SECONDS) if loses else _PATIENCE_SECONDS
        outcome, status, answered = Outcome.LOST if loses else Outcome.UNANSWERED, 0, {}
        started = time.time()
        try:
            response = self._http.request(
                method,
                self._url + path.format(**ids),
                params=query,
                content=json.dumps(body) if body is not None else None,
                headers=headers,
                timeout=httpx.Timeout(_PATIENCE_SECONDS, read=patience),
            )
            outcome, status, answered = Outcome.ANSWERED, response.status_code, _body_of(response)
        except httpx.HTTPError:
            pass  # lost, or it never came: the ledger has which
        reply = Reply(
            route=route,
            outcome=outcome,
            started=started,
            ended=time.time(),
            status=status,
            body=answered,
            payment_id=ids["payment_id"] or None,
            key=key,
        )
        self._ledger.replies.append(reply)
        return reply


def _body_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {"code": f"no JSON: {response.text[:80]}"}
    return dict(body)
