"""The API as a client uses it, over any transport."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

PAYMENT_FIELDS = {
    "payment_id",
    "payment_intent_id",
    "status",
    "amount",
    "currency",
    "order_id",
    "order_reference",
    "lines",
    "tax_amount",
    "shipping_amount",
    "discount_amount",
    "payment_method_id",
    "next_action",
    "client_secret",
    "last_payment_error",
    "capture_method",
    "amount_capturable",
    "capture_before",
    "amount_received",
    "amount_refunded",
    "dispute_status",
    "created_at",
    "updated_at",
}


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The problem's code; the answer must be a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.body["status"] == self.status, self
        return str(self.body["code"])


class Send(Protocol):
    """Sends one request as one person, and returns the answer."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """A `body` that is a string is sent unchanged, anything else as JSON."""


class ApiClient:
    """One person's use of the API."""

    def __init__(self, send: Send) -> None:
        self.send = send

    def signup(self, **body: object) -> Answer:
        """`POST /signup`"""
        return self.send("POST", "/signup", body=body)

    def sign_out(self) -> Answer:
        """`POST /sign-out`"""
        return self.send("POST", "/sign-out")

    def account(self) -> Answer:
        """`GET /account`"""
        return self.send("GET", "/account")

    def change_account(self, **changes: object) -> Answer:
        """`PATCH /account`"""
        return self.send("PATCH", "/account", body=changes)

    def delete_account(self) -> Answer:
        """`DELETE /account`"""
        return self.send("DELETE", "/account")

    def export(self, **query: str) -> Answer:
        """`GET /account/export`"""
        return self.send("GET", "/account/export", query=query)

    def products(self, **query: str) -> Answer:
        """`GET /products`"""
        return self.send("GET", "/products", query=query)

    def product(self, product_id: str) -> Answer:
        """`GET /products/{product_id}`"""
        return self.send("GET", f"/products/{product_id}")

    def attach(self, payment_method_id: str) -> Answer:
        """`POST /payment-methods`"""
        return self.send("POST", "/payment-methods", body={"payment_method_id": payment_method_id})

    def attached(self, payment_method_id: str) -> str:
        """The id of a card, once it is attached."""
        return str(self.attach(payment_method_id).body["payment_method_id"])

    def cards(self, **query: str) -> Answer:
        """`GET /payment-methods`"""
        return self.send("GET", "/payment-methods", query=query)

    def set_up_card(self, usage: str = "on_session", **body: object) -> Answer:
        """`POST /setup-intents`"""
        return self.send("POST", "/setup-intents", body={"usage": usage, **body})

    def attach_set_up(self, setup_intent_id: str) -> Answer:
        """`POST /payment-methods`, with what the browser has set up"""
        return self.send("POST", "/payment-methods", body={"setup_intent_id": setup_intent_id})

    def change_card(self, payment_method_id: str, **changes: object) -> Answer:
        """`PATCH /payment-methods/{payment_method_id}`"""
        return self.send("PATCH", f"/payment-methods/{payment_method_id}", body=changes)

    def delete_card(self, payment_method_id: str) -> Answer:
        """`DELETE /payment-methods/{payment_method_id}`"""
        return self.send("DELETE", f"/payment-methods/{payment_method_id}")

    def create(self, *, key: str | None = None, **body: object) -> Answer:
        """`POST /payments`, with a fresh Idempotency-Key unless one is given.

        Most tests buy one product: `product_id` and `quantity` stand for an item of it.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        item = {name: body.pop(name) for name in ("product_id", "quantity") if name in body}
        if item:
            body["items"] = [item]
        return self.send("POST", "/payments", body=body, headers=headers)

    def order(self, order_id: str) -> Answer:
        """`GET /orders/{order_id}`"""
        return self.send("GET", f"/orders/{order_id}")

    def confirm(self, payment_id: str, **body: object) -> Answer:
        """`POST /payments/{payment_id}/confirm`"""
        return self.send("POST", f"/payments/{payment_id}/confirm", body=body)

    def payment(self, payment_id: str) -> Answer:
        """`GET /payments/{payment_id}`"""
        return self.send("GET", f"/payments/{payment_id}")

    def history(self, **query: str) -> Answer:
        """`GET /payments`"""
        return self.send("GET", "/payments", query=query)
