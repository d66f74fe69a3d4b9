"""What tests of orders share: somebody with a card, and a program that makes orders."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.domain.clock import timestamp
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer
from tests.support.aws import Aws
from tests.support.gateway import client_for, merchants_gateway
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
INSUFFICIENT = "4000000000009995"
LINES = [
    {"description": "Coffee", "quantity": 2, "unit_amount": 1099, "product_id": "coffee"},
    {"description": "Engraving", "quantity": 1, "unit_amount": 500},
]


class Shopper:
    """Somebody with a saved card, for whom orders are made."""

    def __init__(self, stripe: Simulator, number: str = VISA) -> None:
        self.user_id = str(uuid.uuid4())
        self.stripe = stripe
        self.api = client_for(self.user_id)
        self.card = self.api.attached(stripe.payment_method(number))

    def pays(self, order_id: str, *, key: str | None = None, card: str | None = None) -> Answer:
        return self.api.create(
            order_id=order_id, payment_method_id=card or self.card, key=key or str(uuid.uuid4())
        )

    def confirms(self, payment: Mapping[str, Any], **more: str) -> Answer:
        return self.api.confirm(payment["payment_id"], cvc_token=self.stripe.cvc_token(), **more)


def order(key: str | None = None, **members: Any) -> Answer:
    """A program asks for an order."""
    body = {
        "order_reference": "R-1001",
        "currency": "eur",
        "lines": LINES,
        "tax_amount": 200,
        "shipping_amount": 490,
        "discount_amount": 100,
    } | members
    return merchants_gateway()(
        "POST",
        "/merchant/orders",
        body={name: value for name, value in body.items() if value is not None},
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def made(person: Shopper, **members: Any) -> dict[str, Any]:
    answer = order(user_id=person.user_id, **members)
    assert answer.status == 201, answer
    return dict(answer.body)


def cancel(order_id: str) -> Answer:
    return merchants_gateway()("POST", f"/merchant/orders/{order_id}/cancel", body={})


def shown(order_id: str) -> dict[str, Any]:
    return dict(merchants_gateway()("GET", f"/merchant/orders/{order_id}").body)


def soon(seconds: float = 3600) -> str:
    return timestamp(datetime.now(UTC) + timedelta(seconds=seconds))


def let_expire(aws: Aws, order_id: str) -> None:
    """Set back until when an order, and its payment, can be paid."""
    past = soon(-60)
    (row,) = [each for each in aws.rows("OrdersTable") if each["order_id"] == order_id]
    aws.change("OrdersTable", {"order_id": order_id}, expires_at=past)
    if row.get("payment_id"):
        aws.change("PaymentsTable", {"payment_id": row["payment_id"]}, order_expires_at=past)


def intents(stripe: Simulator) -> list[dict[str, Any]]:
    return stripe.listed(SECRET_KEY, "/v1/payment_intents")
