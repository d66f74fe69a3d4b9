"""Everything that makes the functions of refunds, captures and cancellations call something."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests.integration.conftest import SECRET_KEY
from tests.support import gateway
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import client_for
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
DISPUTED = "4000000000000259"

type Overtaken = Callable[[str], AbstractContextManager[None]]


class Merchant:
    """A program, and a person for whom it makes orders."""

    def __init__(self, stripe: Simulator, aws: Aws) -> None:
        self.stripe = stripe
        self.aws = aws
        self.user_id = str(uuid.uuid4())
        self.person = client_for(self.user_id)
        self.card = self.person.attached(stripe.payment_method(VISA))
        self.program = ApiClient(gateway.merchants_gateway())

    def asks(self, method: str, path: str, **body: object) -> Any:
        return self.program.send(
            method,
            f"/merchant/payments/{path}".removesuffix("/"),
            body=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    def paid(self, number: str = VISA) -> str:
        """A payment of the catalogue."""
        card = self.person.attached(self.stripe.payment_method(number))
        if number == VISA:  # the same one again takes the place of the earlier one
            self.card = card
        made = self.person.create(items=[{"product_id": "coffee"}], payment_method_id=card).body
        payment_id = str(made["payment_id"])
        assert self.person.confirm(payment_id, cvc_token=self.stripe.cvc_token()).status == 200
        return payment_id

    def begun(self) -> str:
        """A payment of an order, to be held."""
        order = self.program.send(
            "POST",
            "/merchant/orders",
            body={
                "order_reference": "R-1",
                "user_id": self.user_id,
                "currency": "eur",
                "lines": [{"description": "A room", "quantity": 1, "unit_amount": 2000}],
                "capture_method": "manual",
            },
            headers={"Idempotency-Key": str(uuid.uuid4())},
        ).body
        before = {row["payment_id"] for row in self.aws.rows("PaymentsTable")}
        self.person.create(order_id=order["order_id"], payment_method_id=self.card)
        (row,) = [
            row
            for row in self.aws.rows("PaymentsTable")
            if row.get("order_id") and row["payment_id"] not in before
        ]
        return str(row["payment_id"])

    def cut_off(self) -> str:
        """One of an order, whose creation was cut off."""
        self.stripe.fault("POST", "/v1/payment_intents", "timeout_before", times=3)
        return self.begun()

    def held(self) -> str:
        payment_id = self.begun()
        answer = self.person.confirm(payment_id, cvc_token=self.stripe.cvc_token())
        assert answer.body["status"] == "requires_capture", answer
        return payment_id

    def captured_at_stripe(self) -> str:
        """One whose money was taken in the dashboard, which our row does not know."""
        payment_id = self.held()
        (row,) = [row for row in self.aws.rows("PaymentsTable") if row["payment_id"] == payment_id]
        self.stripe.post(SECRET_KEY, f"/v1/payment_intents/{row['payment_intent_id']}/capture")
        return payment_id

    def refused_later(self) -> str:
        """One with a refund that was cut off, and that Stripe refuses by now."""
        payment_id = self.paid()
        self.stripe.fault("POST", "/v1/refunds", "timeout_before", times=3)
        assert self.asks("POST", f"{payment_id}/refunds", amount=1).status == 503
        (row,) = [row for row in self.aws.rows("PaymentsTable") if row["payment_id"] == payment_id]
        charges = self.stripe.listed(
            SECRET_KEY, "/v1/charges", payment_intent=str(row["payment_intent_id"])
        )
        self.stripe.dispute_charge(charges[0]["id"])
        return payment_id


def money_goes_back(aws: Aws, stripe: Simulator, overtaken: Overtaken) -> None:
    """Refunds, captures and cancellations, whatever the row knows by then."""
    merchant = Merchant(stripe, aws)
    payment_id = merchant.paid()
    with overtaken(payment_id):
        assert merchant.asks("POST", f"{payment_id}/refunds", amount=1).status == 201
    stripe.fault("POST", "/v1/refunds", "remembered_500")
    assert merchant.asks("POST", f"{payment_id}/refunds", amount=1).status == 201
    disputed = merchant.paid(DISPUTED)
    assert merchant.asks("POST", f"{disputed}/refunds").status == 409
    assert merchant.asks("POST", f"{merchant.captured_at_stripe()}/refunds").status == 201
    assert merchant.asks("GET", f"{merchant.captured_at_stripe()}/refunds").status == 200
    assert merchant.asks("POST", f"{merchant.held()}/capture", amount=1500).status == 200
    cancel = "{}/cancel".format
    assert merchant.asks("POST", cancel(merchant.cut_off())).status == 200
    assert merchant.asks("POST", cancel(merchant.captured_at_stripe())).status == 409
    own = merchant.person.send
    assert own("POST", f"/payments/{merchant.cut_off()}/cancel").status == 200
    assert own("POST", f"/payments/{merchant.captured_at_stripe()}/cancel").status == 409
    begun = merchant.begun()
    with overtaken(begun):
        assert own("POST", f"/payments/{begun}/cancel").status == 200
    merchant.captured_at_stripe()
    assert deliver(events(stripe, "payment_intent.succeeded")[0]).status == 200
    for left in (merchant.cut_off(), merchant.captured_at_stripe(), merchant.refused_later()):
        gateway.run("replay_events", {"payment_id": left})
    for leave in (merchant.cut_off, merchant.captured_at_stripe, merchant.refused_later):
        leave()
    gateway.run("reconcile_payments", {"older_than_minutes": -1})
