"""The merchant's backend and staff, which use Till's API: orders, captures, refunds, absence."""

import random
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from trials.soak.api import Api
from trials.soak.ledger import Ledger, Pace, Reply

_REPLIES_BETWEEN_DEEDS = (1, 5)
_CREATED = 201
_MOST_ORDERS_IN_MIND = 40
# How often something happens, as a fraction of 1.
_HOLDS, _PARTIAL, _TWICE, _DISCOUNTS_MOST = 0.6, 0.6, 0.3, 0.2
_CURRENCIES = ("eur", "usd", "jpy", "kwd")
_WHOLE = 10  # a multiple that every currency has


class Shop:
    """A program that may do everything. Its methods may be called by many threads."""

    def __init__(self, api: Api, *, ledger: Ledger, dice: random.Random) -> None:
        self._api = api
        self._ledger = ledger
        self._dice = dice
        self._orders: list[str] = []

    def order_for(self, user_id: str) -> dict[str, Any] | None:
        """Make an order; None if Till did not answer."""
        currency = self._dice.choice(_CURRENCIES)
        lines = [
            {
                "description": f"Thing {number}",
                "quantity": self._dice.randint(1, 3),
                "unit_amount": self._dice.randint(50, 300) * _WHOLE,
            }
            for number in range(self._dice.randint(1, 4))
        ]
        goods = sum(int(str(each["quantity"])) * int(str(each["unit_amount"])) for each in lines)
        # A discount of more than half is the rare case.
        most = goods // 2 if self._happens(_DISCOUNTS_MOST) else goods // 5
        body = {
            "order_reference": f"soak-{secrets.token_hex(6)}",
            "user_id": user_id,
            "currency": currency,
            "lines": lines,
            "tax_amount": goods // 50 * _WHOLE,
            "shipping_amount": self._dice.choice([0, 490]),
            "discount_amount": most // _WHOLE * _WHOLE,
            "capture_method": "manual" if self._happens(_HOLDS) else "automatic",
            "metadata": {"channel": "soak"},
        }
        key = secrets.token_hex(12)
        reply = self._maybe_twice(
            lambda: self._api.ask("POST /merchant/orders", key=key, body=body)
        )
        if reply is None or reply.status != _CREATED:
            return None
        self._orders = [*self._orders[-_MOST_ORDERS_IN_MIND:], reply.body["order_id"]]
        return dict(reply.body)

    def charge_in_absence(self, order: dict[str, Any]) -> Reply | None:
        """Charge an order to its person's default card."""
        key = secrets.token_hex(12)
        body = {"order_id": order["order_id"], "user_id": order["user_id"]}
        return self._maybe_twice(
            lambda: self._api.ask("POST /merchant/payments", key=key, body=body)
        )

    def work(self, stop: threading.Event) -> None:
        """Do one thing after another until it is time to stop."""
        pace = Pace(self._ledger, self._dice, between=_REPLIES_BETWEEN_DEEDS)
        for _ in pace.times(stop):
            deeds: dict[Callable[[], None], int] = {
                self._refund: 14,
                self._capture: 14,
                self._cancel: 4,
                self._cancel_order: 3,
                self._look: 2,
            }
            self._dice.choices(list(deeds), list(deeds.values()))[0]()

    def _refund(self) -> None:
        payment = self._one_of("succeeded")
        if payment is None:
            return
        body: dict[str, object] = {"reason": "requested_by_customer", "note": "Soaked"}
        if self._happens(_PARTIAL):
            left = max(payment["amount_refundable"], _WHOLE)
            body["amount"] = self._dice.randint(1, left // _WHOLE + 1) * _WHOLE
        key = secrets.token_hex(12)
        self._maybe_twice(
            lambda: self._api.ask(
                "POST /merchant/payments/{payment_id}/refunds",
                payment_id=payment["payment_id"],
                key=key,
                body=body,
            )
        )

    def _capture(self) -> None:
        payment = self._one_of("requires_capture")
        if payment is None:
            return
        body = {}
        if self._happens(_PARTIAL):
            most = payment["amount_capturable"] // _WHOLE + 1  # now and then more than is held
            body = {"amount": self._dice.randint(1, most) * _WHOLE}
        self._maybe_twice(
            lambda: self._api.ask(
                "POST /merchant/payments/{payment_id}/capture",
                payment_id=payment["payment_id"],
                body=body,
            )
        )

    def _cancel(self) -> None:
        statuses = ["requires_capture", "requires_confirmation", "requires_payment_method"]
        payment = self._one_of(self._dice.choice([*statuses, "succeeded"]))
        if payment:
            self._maybe_twice(
                lambda: self._api.ask(
                    "POST /merchant/payments/{payment_id}/cancel",
                    payment_id=payment["payment_id"],
                    body={},
                )
            )

    def _cancel_order(self) -> None:
        if self._orders:
            order_id = self._dice.choice(self._orders)
            self._api.ask("POST /merchant/orders/{order_id}/cancel", order_id=order_id, body={})

    def _look(self) -> None:
        payment = self._one_of("succeeded")
        if payment:
            self._api.ask(
                "GET /merchant/payments/{payment_id}/refunds", payment_id=payment["payment_id"]
            )

    def _one_of(self, status: str) -> dict[str, Any] | None:
        """One of this soak's newest payments with this status."""
        query = {"status": status, "limit": "50"}
        reply = self._api.ask("GET /merchant/payments", query=query)
        found = [
            payment
            for payment in (reply.body.get("data", ()) if reply else ())
            if payment["user_id"] in self._ledger.user_ids
        ]
        return self._dice.choice(found) if found else None

    def _maybe_twice(self, request: Callable[[], Reply | None]) -> Reply | None:
        """The answer, of one request or of two equal ones at once."""
        if not self._happens(_TWICE):
            return request()
        with ThreadPoolExecutor(2) as pool:
            replies = [each.result() for each in [pool.submit(request) for _ in range(2)]]
        return next((reply for reply in replies if reply), None)

    def _happens(self, chance: float) -> bool:
        return self._dice.random() < chance
