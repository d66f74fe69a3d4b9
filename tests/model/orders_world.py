"""What must always be true of orders, of their money, and of people who go."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from payments import wiring
from payments.domain.errors import PaymentsError
from payments.domain.payment import EXPIRED, REFUSED, Payment
from payments.repositories.payments import payment_from_item
from payments.use_cases import erase_deleted_users
from tests.model import background
from tests.model.people import PEOPLE, user_of
from tests.model.stack import Stack
from tests.model.stripe_account import OPEN, Account, StripeObject
from tests.model.world import World
from tests.support.fakes.user_pool import FakeUserPool

_MAX_RUNS = 6
_OF_A_PERSON = ("receipt_email", "shipping", "metadata")


class OrdersWorld(World):
    """The same stack, with a user pool."""

    def __init__(self, stack: Stack, *, region: str, patch: pytest.MonkeyPatch) -> None:
        super().__init__(stack, region=region, patch=patch)
        patch.setattr(wiring, "pool_administration", lambda: self.pool)
        patch.setattr(erase_deleted_users, "_PAUSE_SECONDS", 0)

    def start_over(self) -> None:
        super().start_over()
        self.pool = FakeUserPool()
        for person in PEOPLE:
            self.pool.put(user_of(person))

    # What is there

    def rows(self) -> Mapping[str, Payment]:
        """The payments by their ids; keys that were used for them are in the same table."""
        items = [row for row in self.aws.rows("PaymentsTable") if "status" in row]
        return {row["payment_id"]: payment_from_item(row) for row in items}

    def orders(self) -> dict[str, dict[str, Any]]:
        """The rows of orders."""
        return {row["order_id"]: row for row in self.aws.rows("OrdersTable")}

    def payment_of(self, order_id: str) -> str | None:
        """The payment that an order has now."""
        return self.orders().get(order_id, {}).get("payment_id")

    def is_new(self, payment_id: str) -> bool:
        """Whether nothing has happened to a payment before."""
        return len(self.rows()[payment_id].history) < 2

    def live_intent_of(self, order_id: str) -> StripeObject | None:
        """The order's intent that is not over."""
        of_order = self._payments_of(order_id)
        intents = [each for row in of_order for each in self.merchant.looks().intents_of(row)]
        return next((i for i in intents if i["status"] in OPEN | {"requires_capture"}), None)

    def _payments_of(self, order_id: str) -> list[str]:
        return [row.payment_id for row in self.rows().values() if row.order_id == order_id]

    def _row_of(self, person: str) -> dict[str, Any]:
        user_id = user_of(person).user_id
        found = [row for row in self.aws.rows("CustomersTable") if row["user_id"] == user_id]
        return found[0] if found else {}

    def is_leaving(self, person: str) -> bool:
        """Whether they have asked for their deletion, or are erased."""
        return bool({"deletion_requested_at", "erased_at"} & self._row_of(person).keys())

    def is_erased(self, person: str) -> bool:
        """Whether nothing is left of them."""
        return "erased_at" in self._row_of(person)

    def tries(self, act: Callable[[], object]) -> None:
        """Do it, if it may be done."""
        with suppress(PaymentsError):
            act()

    # What must be true

    def check(self) -> None:
        """Nobody pays twice, nor more than the order says, and nobody gets more back."""
        self.account = account = self.merchant.looks()
        rows, orders = self.rows(), self.orders()
        for order_id, order in orders.items():
            self._check_order_of(order, list(self._intents_of(order_id, rows, account)), account)
        for row in rows.values():
            if row.is_final and row.payment_intent_id:
                (intent,) = [i for i in account.intents if i["id"] == row.payment_intent_id]
                assert intent["status"] == row.status
        for person in PEOPLE:
            if self.is_erased(person):
                self._check_erased(person, orders, account)
        self.secrets |= {intent["client_secret"] for intent in account.intents}
        self._check_discretion(self.stack.log.drained())

    def _intents_of(
        self, order_id: str, rows: Mapping[str, Payment], account: Account
    ) -> Iterator[StripeObject]:
        for row in rows.values():
            if row.order_id == order_id:
                yield from account.intents_of(row.payment_id)

    def _check_order_of(
        self, order: Mapping[str, Any], intents: list[StripeObject], account: Account
    ) -> None:
        alive = [intent for intent in intents if intent["status"] != "canceled"]
        assert len(alive) <= 1, "an order has two payments at a time"
        taken = [charge for each in intents for charge in account.charged(each["id"])]
        assert len(taken) <= 1, "an order was paid twice"
        for charge in taken:
            assert 0 < charge["amount_captured"] <= order["total"]
            assert (
                order["capture_method"] == "manual" or charge["amount_captured"] == order["total"]
            )
        if order.get("paid_at"):
            assert [each["status"] for each in alive] == ["succeeded"], "told as paid, and is not"
        for intent in intents:
            assert (intent["amount"], intent["currency"]) == (order["total"], "eur")
            back = account.amount_refunded(intent["id"])
            assert back <= max(order["total"], intent["amount_received"])

    def _check_erased(
        self, person: str, orders: Mapping[str, Mapping[str, Any]], account: Account
    ) -> None:
        user_id = user_of(person).user_id
        assert user_id not in {each["metadata"]["user_id"] for each in account.customers}
        for order in orders.values():
            if order["user_id"] == user_id:
                assert not [name for name in _OF_A_PERSON if order.get(name)], "still names them"

    # The end

    def settle(self, random: Random) -> None:
        """Let everything arrive: then rows, orders and Stripe agree, and who asked is erased."""
        self.stripe.clear_faults()
        self.interruptions.forget()
        self.send_webhooks()
        with self.stack.log.captured():
            for event in self.webhooks:
                if random.random() < 0.5:
                    assert background.deliver(event).status == 200
            for _ in range(_MAX_RUNS):
                background.reconcile()
        self.check()
        self._check_agreement()
        for _ in range(4):  # a deleted user is noticed, is a request, and is then erased
            counts = self.run("erase_accounts", {"older_than_days": 0, "many_are_gone": True})
            assert counts["failed"] == 0, counts
        self.check()
        for person in PEOPLE:
            if self.is_leaving(person) and not self.is_erased(person):
                user_id = user_of(person).user_id
                mine = [row for row in self.rows().values() if row.user_id == user_id]
                assert any(row.has_work_left for row in mine), "nothing puts it off"
        stored = {name: self.aws.rows(name) for name in ("PaymentsTable", "OrdersTable")}
        self._check_discretion(json.dumps(stored, default=str))

    def _check_agreement(self) -> None:
        orders = self.orders()
        for row in self.rows().values():
            if row.payment_intent_id is None:
                assert row.status in {REFUSED, EXPIRED}, row
                continue
            (intent,) = [i for i in self.account.intents if i["id"] == row.payment_intent_id]
            assert row.status == intent["status"]
            assert row.amount_received == intent["amount_received"]
            assert (row.refund_requests, row.instruction) == ((), None), "something is left to do"
            order = orders[str(row.order_id)]
            if row.status == "succeeded":
                late = "order_canceled_but_paid" in {line.to_status for line in row.history}
                assert bool(order.get("paid_at")) or (bool(order.get("canceled_at")) and late)
            over = order.get("canceled_at") or order["expires_at"] < row.created_at
            assert not over or intent["status"] not in OPEN, "an order is over, and may be charged"
