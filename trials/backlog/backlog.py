"""Creations that were cut off, and how fast the deployed reconciliation finishes them."""

import json
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

import httpx
from botocore.config import Config

from local import Stack
from local.aws import session
from payments.domain.clock import now
from payments.domain.order_line import OrderLine
from payments.domain.payment import Payment
from payments.repositories.payments import PaymentsRepository
from stripe_simulator.server import PUBLISHABLE_KEY, SECRET_KEY

if TYPE_CHECKING:
    from payments.aws.client import AwsClient

_ONCE = Config(read_timeout=320, retries={"total_max_attempts": 1})
_PEOPLE = 50
_CARD = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2040}


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of reconciliation."""

    payments: int
    seconds: float
    counts: Mapping[str, int]

    @property
    def per_second(self) -> float:
        """Payments a second, the run's start and its reading of events included."""
        return self.payments / self.seconds


def work_off(stack: Stack, *, payments: int, latency_ms: int) -> Measured:
    """Leave so many creations unfinished, and run reconciliation once.

    Each takes a call to Stripe, which takes `latency_ms` longer than the simulator itself.
    """
    with closing(_Stripe(stack.stripe_api_url)) as stripe:
        people = [stripe.person() for _ in range(min(_PEOPLE, payments))]
        table = PaymentsRepository(
            cast("AwsClient", _DynamoDB(stack)), stack.payments_table, orders=stack.orders_table
        )
        for number in range(payments):
            user_id, customer, card = people[number % len(people)]
            table.add_pending(_cut_off(user_id, customer, card))
        stripe.slow_down(latency_ms, times=payments)
        started = monotonic()
        counts = _reconcile(stack)
        seconds = monotonic() - started
        stripe.hurry_up()
    return Measured(payments, seconds, counts)


def start_over(stack: Stack) -> None:
    """Empty the Stripe account and the table of payments, as if nothing had been measured yet."""
    with httpx.Client(base_url=stack.stripe_api_url, trust_env=False) as stripe:
        stripe.post("/_simulator/reset").raise_for_status()
    table = session(stack.aws_endpoint_url).resource("dynamodb").Table(stack.payments_table)
    while rows := table.scan(ProjectionExpression="payment_id")["Items"]:
        with table.batch_writer() as batch:
            for row in rows:
                batch.delete_item(Key={"payment_id": str(row["payment_id"])})


def allow(stack: Stack, requests_per_second: int) -> None:
    """Deploy the function with another `StripeRequestsPerSecond`."""
    functions = session(stack.aws_endpoint_url).client("lambda")
    name = stack.reconcile_function
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variables["STRIPE_REQUESTS_PER_SECOND"] = str(requests_per_second)
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def _reconcile(stack: Stack) -> Mapping[str, int]:
    functions = session(stack.aws_endpoint_url).client("lambda", config=_ONCE)
    answer = functions.invoke(
        FunctionName=stack.reconcile_function, Payload=json.dumps({"older_than_minutes": 0})
    )
    payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise RuntimeError(f"reconciliation failed: {payload.decode()[:500]}")
    counts: Mapping[str, int] = json.loads(payload)
    return counts


def _cut_off(user_id: str, customer: str, card: str) -> Payment:
    return Payment(
        payment_id=f"pay_{uuid.uuid4().hex}",
        user_id=user_id,
        stripe_customer_id=customer,
        livemode=False,
        lines=(
            OrderLine(
                product_id="coffee-beans",
                description="House coffee, 250 g",
                quantity=1,
                unit_amount=1099,
                amount=1099,
            ),
        ),
        amount=1099,
        currency="eur",
        payment_method_id=card,
        request_hash="a backlog's",
        created_at=now(),
        updated_at=now(),
    )


class _DynamoDB:
    """The emulator's, for the repository."""

    def __init__(self, stack: Stack) -> None:
        self._client = session(stack.aws_endpoint_url).client("dynamodb")

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Write a row; nothing else is needed."""
        assert operation == "PutItem"
        return dict(self._client.put_item(**request))


class _Stripe:
    """The simulator: people with a card, and how long its work takes."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def person(self) -> tuple[str, str, str]:
        """The ids of a person, of their Customer and of their card."""
        user_id = str(uuid.uuid4())
        customer = self._post("/v1/customers", SECRET_KEY, {"metadata[user_id]": user_id})
        card = self._post("/v1/payment_methods", PUBLISHABLE_KEY, {"type": "card", **_CARD})
        self._post(f"/v1/payment_methods/{card}/attach", SECRET_KEY, {"customer": customer})
        return user_id, customer, card

    def slow_down(self, ms: int, *, times: int) -> None:
        """Let the next PaymentIntents take longer."""
        order = {"kind": "latency", "path": "/v1/payment_intents", "times": times, "ms": ms}
        self._http.post("/_simulator/faults", json=order).raise_for_status()

    def hurry_up(self) -> None:
        """Take no longer than necessary again."""
        self._http.delete("/_simulator/faults").raise_for_status()

    def _post(self, path: str, key: str, fields: Mapping[str, Any]) -> str:
        answer = self._http.post(path, data=dict(fields), auth=(key, ""))
        return str(answer.raise_for_status().json()["id"])
