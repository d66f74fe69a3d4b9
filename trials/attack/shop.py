"""The shop as people and thieves see it: its API, Stripe's, and accounts in its user pool."""

import secrets
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from local import Stack
from local.aws import session
from local.staff import add_person, log_in

_PASSWORD = "Attack-Horse-1-Battery"  # noqa: S105  (of people who exist for some minutes)
_PRODUCT = "coffee-beans"
GOOD_CARD = "4242424242424242"
REFUSED_WHEN_SAVED = "4000000000000002"
REFUSED_WHEN_CHARGED = "4000000000000341"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the members of the body."""

    status: int
    body: dict[str, Any]


class Shop:
    """A stack on this machine."""

    def __init__(self, stack: Stack, http: httpx.Client) -> None:
        """Raises: ValueError: the stack is not on this machine, or uses Stripe itself."""
        addresses = {httpx.URL(url).host for url in (stack.api_url, stack.stripe_api_url)}
        if not stack.simulated_stripe or addresses - {"127.0.0.1", "localhost"}:
            raise ValueError("An attack is played on this machine only, with the simulator.")
        self._stack = stack
        self._http = http
        self._origin_secret = _origin_secret(stack)

    def accounts(self, number: int) -> list[str]:
        """ID tokens of so many new people."""
        with closing(session(self._stack.aws_endpoint_url).client("cognito-idp")) as cognito:

            def log_in_as(email: str) -> str:
                return log_in(cognito, self._stack, email, _PASSWORD)["IdToken"]

            emails = [f"attack-{secrets.token_hex(8)}@example.com" for _ in range(number)]
            for email in emails:  # the emulator cannot find people while others are being added
                add_person(cognito, self._stack, email, _PASSWORD)
            with ThreadPoolExecutor(8) as pool:
                return list(pool.map(log_in_as, emails))

    def ask(self, token: str, address: str, method: str, path: str, **body: object) -> Answer:
        """Send a request as CloudFront would hand it on from this address."""
        answer = self._http.request(
            method,
            self._stack.api_url + path,
            json=body or None,
            headers={
                "Authorization": f"Bearer {token}",
                "Idempotency-Key": str(uuid.uuid4()),
                "True-Client-IP": address,
                "X-Origin-Secret": self._origin_secret,
            },
        )
        return Answer(answer.status_code, answer.json())

    def save(self, token: str, address: str, number: str) -> Answer:
        """Save a card."""
        card = self.payment_method(number)
        return self.ask(token, address, "POST", "/payment-methods", payment_method_id=card)

    def pay(self, token: str, address: str, card: str) -> Answer:
        """Buy something with a saved card."""
        items = [{"product_id": _PRODUCT, "quantity": 1}]
        created = self.ask(token, address, "POST", "/payments", items=items, payment_method_id=card)
        if created.status != httpx.codes.CREATED:
            return created
        path = f"/payments/{created.body['payment_id']}/confirm"
        return self.ask(token, address, "POST", path, cvc_token=self._cvc_token())

    def payment_method(self, number: str) -> str:
        """What a card form makes of a card."""
        card = {"number": number, "exp_month": 12, "exp_year": 2040}
        data = {f"card[{name}]": str(value) for name, value in card.items()} | {"type": "card"}
        return str(self._of_the_browser("/v1/payment_methods", data).json()["id"])

    def set_up(self, client_secret: str, number: str) -> bool:
        """Try a card on a SetupIntent's secret; False once Stripe takes no more of them."""
        setup_intent_id = client_secret.partition("_secret_")[0]
        answer = self._of_the_browser(
            f"/v1/setup_intents/{setup_intent_id}/confirm",
            {"client_secret": client_secret, "payment_method": self.payment_method(number)},
        )
        return answer.status_code == httpx.codes.PAYMENT_REQUIRED  # the bank was asked

    def _cvc_token(self) -> str:
        return str(self._of_the_browser("/v1/tokens", {"cvc_update[cvc]": "123"}).json()["id"])

    def _of_the_browser(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self._http.post(
            self._stack.stripe_api_url + path,
            data=data,
            auth=(self._stack.stripe_publishable_key, ""),
        )


def addresses(number: int) -> Sequence[str]:
    """So many addresses, each in a network of its own."""
    return [f"198.{18 + each // 256}.{each % 256}.7" for each in range(number)]


@contextmanager
def shop_of(stack: Stack) -> Iterator[Shop]:
    """The shop, for as long as the attack lasts."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    with httpx.Client(timeout=60, trust_env=False, limits=limits) as http:
        yield Shop(stack, http)


def _origin_secret(stack: Stack) -> str:
    """What CloudFront adds to a request: without it, everybody's address is this machine's."""
    with closing(session(stack.aws_endpoint_url).client("lambda")) as functions:
        pages = functions.get_paginator("list_functions").paginate()
        for function in (each for page in pages for each in page["Functions"]):
            variables = function.get("Environment", {}).get("Variables", {})
            if variables.get("POWERTOOLS_SERVICE_NAME") == "create_payment_intent":
                return variables.get("ORIGIN_SECRET", "")
    return ""


def wait(seconds: float) -> None:
    """Wait, if there is something to wait for."""
    if seconds > 0:
        time.sleep(seconds)
