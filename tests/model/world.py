"""Till and everything around it, and what must always be true for all of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from payments import wiring
from payments.aws.event_bus import EventBus
from payments.domain.clock import timestamp
from payments.domain.errors import PaymentsError
from payments.domain.payment import EXPIRED, REFUSED, Payment
from payments.domain.payment_intent import MISMATCHED
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS
from tests.model import background
from tests.model.interruptions import Interruptions
from tests.model.people import CARDS, Purchase, client_of, face_of, user_of
from tests.model.stack import Stack
from tests.model.stripe_account import (
    OPEN,
    Account,
    Merchant,
    StripeObject,
    last_payment_error,
)
from tests.model.table import PaymentsTable, check_write
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import TABLES

_DONE = ("changed", "finished", "canceled", "refused", "expired", "lost", "events_recorded",
         "failed")  # fmt: skip
_REFUND_GOES_TO = {
    "pending": {"pending", "requires_action", "succeeded", "failed", "canceled"},
    "requires_action": {"pending", "requires_action", "succeeded", "failed", "canceled"},
    "succeeded": {"succeeded", "failed", "canceled"},
    "failed": {"failed"},
    "canceled": {"canceled"},
}
_MAX_RUNS = 6


class World:
    """The stack, its surroundings, and the last view of them."""

    def __init__(self, stack: Stack, *, region: str, patch: pytest.MonkeyPatch) -> None:
        self.stack = stack
        self.aws = stack.aws
        self.stripe = stack.stripe
        self.merchant = Merchant(stack.stripe)
        self.table = PaymentsTable(region)
        self.interruptions = Interruptions(stack.session)
        self.bus = background.Bus()
        patch.setattr(wiring, "event_bus", lambda: EventBus(self.bus, "till"))  # type: ignore[arg-type]

    def start_over(self) -> None:
        """Empty everything."""
        self.stack.empty()
        self.table.forget()
        self.interruptions.forget()
        self.bus.forget()
        self.prices: dict[str, dict[str, int]] = {}
        self.sent: dict[str, list[Purchase]] = {}
        self.webhooks: list[StripeObject] = []  # not delivered yet, in Stripe's order
        self.secrets = {SECRET_KEY, *SIGNING_SECRETS, *CARDS}
        self.keys_forgotten = False
        self.failures_remembered = False
        self.merchant.forget()
        self._events_seen = 0
        self.account = self.merchant.looks()

    # What happens

    def put_price(self, product_id: str, **prices: int) -> None:
        """Put something on sale, or change its price."""
        self.prices[product_id] = prices
        self.aws.put_product(product_id, active=True, **prices)

    def disturbed(self) -> bool:
        """Whether the next request may get an answer other than the expected one."""
        return self.interruptions.expected or bool(self.stripe.pending_faults())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run one function."""
        with self.interruptions.possible(), self.stack.log.captured():
            yield

    def ask(self, person: str, ask: Callable[[ApiClient], Answer]) -> Answer:
        """Send one request in a person's name."""
        with self.running():
            return ask(client_of(person))

    def cvc_token(self, cvc: str) -> str:
        """A freshly collected CVC."""
        token = self.stripe.cvc_token(cvc)
        self.secrets.add(token)
        return token

    def send_webhooks(self) -> None:
        """Let Stripe send the new events; how and when they arrive comes later."""
        events = self.merchant.events()
        self.webhooks += events[self._events_seen :]
        self._events_seen = len(events)

    def release_webhooks(
        self, *, held_back: int = 0, copies: int = 1, by_eventbridge: bool = False
    ) -> None:
        """Deliver the webhooks except for the first ones; what fails will be sent again."""
        released = self.webhooks[held_back:] * copies
        del self.webhooks[held_back:]
        for event in released:
            disturbed = self.disturbed()
            if by_eventbridge:
                delivered = (
                    self.run("stripe_webhook", background.from_eventbridge(event)) is not None
                )
            else:
                with self.running():
                    answer = background.deliver(event)
                delivered = answer.status == 200
                assert delivered or (disturbed and face_of(answer) == (503, "service_unavailable"))
            if not delivered:
                self.webhooks.append(event)

    def run(self, step: str, event: Mapping[str, object]) -> Any:
        """Run a function without a route; None if it failed, which it may when disturbed."""
        disturbed = self.disturbed() or self.bus.failing
        with self.running():
            try:
                return background.run(step, event)
            except PaymentsError:
                assert disturbed
                return None

    def reconcile(self) -> None:
        """Run the scheduled reconciliation."""
        disturbed = self.disturbed()
        with self.running():
            counts = background.reconcile()
        assert disturbed or not counts.get("failed")

    def let_days_pass(self, *, stripe_forgets: bool) -> None:
        """Two days: what is open counts as abandoned, and Stripe may forget idempotency keys."""
        then = timestamp(datetime.now(UTC) - timedelta(days=2))
        for row in self.aws.rows("PaymentsTable"):
            self.aws.put_payment(row | {"created_at": then, "updated_at": then})
        if stripe_forgets:
            self.stripe.forget_idempotency_keys()
            self.keys_forgotten = True

    # What must be true

    def rows(self) -> Mapping[str, Payment]:
        """The payments by their ids, after checking each write."""
        records, writes = self.table.read()
        self.bus.follow(records)
        for write in writes:
            check_write(write)
            if write.before is None and write.after:
                self._check_order(write.after)
        return self.table.rows

    def check(self) -> None:
        """Check everything."""
        self.account = account = self.merchant.looks()
        rows = self.rows()
        assert {account.payment_id_of(intent) for intent in account.intents} <= set(rows)
        named = [row.payment_intent_id for row in rows.values() if row.payment_intent_id]
        assert len(named) == len(set(named)), "two payments have the same intent"
        for row in rows.values():
            self._check_row(row, account)
        people = [customer["metadata"]["user_id"] for customer in account.customers]
        assert len(people) == len(set(people)), "a person has two customers"
        self.secrets |= {intent["client_secret"] for intent in account.intents}
        self._check_discretion(self.stack.log.drained())

    def _check_order(self, row: Payment) -> None:
        """A payment starts as what its owner wants, at the prices of that moment."""
        sent = self.sent[row.payment_id]
        assert row.user_id == user_of(sent[0].person).user_id
        (wanted,) = [each for each in sent if each.request_hash == row.request_hash][:1]
        assert [line.product_id for line in row.lines] == [*wanted.product_ids]
        for line in row.lines:
            assert line.product_id
            assert line.unit_amount == self.prices[line.product_id][row.currency]
            assert (line.quantity, line.amount) == (
                wanted.quantity,
                wanted.quantity * line.unit_amount,
            )
        assert row.amount == sum(line.amount for line in row.lines)

    def _check_row(self, row: Payment, account: Account) -> None:
        """A row may know less than Stripe, but nothing else, and nobody pays twice."""
        intents = account.intents_of(row.payment_id)
        as_ordered = [intent for intent in intents if intent["id"] not in self.merchant.changed]
        assert len(as_ordered) <= 1, "a payment has two intents"
        assert row.payment_intent_id in {None, *(intent["id"] for intent in intents)}
        charged = [charge for intent in intents for charge in account.charged(intent["id"])]
        assert len(charged) <= 1, "a payment was charged twice"
        for intent in intents:
            assert intent["metadata"]["user_id"] == row.user_id
            taken = account.charged(intent["id"])
            assert len(taken) == (intent["status"] == "succeeded")
            assert not taken or row.payment_intent_id in {None, intent["id"]}
            # Whatever somebody has changed: nobody pays another amount than they agreed to.
            assert all((c["amount"], c["currency"]) == (row.amount, row.currency) for c in taken)
            if row.payment_intent_id == intent["id"]:
                self._check_copy(row, intent, account)

    def _check_copy(self, row: Payment, intent: StripeObject, account: Account) -> None:
        """What a row says of its intent is true, or was."""
        if row.is_final:
            assert intent["status"] == row.status
            canceled = row.status == "canceled" and intent["id"] in self.merchant.changed
            assert canceled or intent["amount"] == row.amount
            assert intent["currency"] == row.currency
        if row.status == MISMATCHED:
            assert intent["id"] in self.merchant.changed
        refunds = {refund.refund_id: refund for refund in account.refunds_of(intent["id"])}
        for refund in row.refunds:
            now = refunds[refund.refund_id]
            assert refund.amount == now.amount
            assert now.status in _REFUND_GOES_TO[refund.status]
        disputes = {dispute.dispute_id for dispute in account.disputes_of(intent["id"])}
        assert {dispute.dispute_id for dispute in row.disputes} <= disputes

    def _check_discretion(self, text: str) -> None:
        told = {secret for secret in self.secrets if secret in text}
        assert not told, "secrets were told"
        assert "_secret_" not in text

    # The end

    def settle(self, random: Random) -> None:
        """Deliver everything that is left, and reconcile until there is nothing left to do."""
        self.stripe.clear_faults()
        self.interruptions.forget()
        self.send_webhooks()
        with self.stack.log.captured():
            for event in self.webhooks:
                if random.random() < 0.5:
                    assert background.deliver(event).status == 200
            for _ in range(_MAX_RUNS):
                counts = background.reconcile()
                if not any(counts.get(done) for done in _DONE):
                    break
            else:
                pytest.fail(f"the reconciliation never comes to rest: {counts}")
        self.check()
        with self.stack.log.captured():
            self.bus.publish_everything()
        self._check_agreement()

    def _check_agreement(self) -> None:
        """Everything that Till says is what Stripe says."""
        rows = self.rows()
        for row in rows.values():
            intents = self.account.intents_of(row.payment_id)
            if row.payment_intent_id is None:
                assert row.status in {REFUSED, EXPIRED}
                assert all(intent["id"] in self.merchant.changed for intent in intents)
                continue
            (intent,) = [each for each in intents if each["id"] == row.payment_intent_id]
            self._check_agreement_of(row, intent)
        self.bus.check(rows)
        stored = {name: self.aws.rows(name) for name in TABLES}
        assert {row["payment_id"] for row in stored["PaymentsTable"]} == set(rows)
        self._check_customers(stored["CustomersTable"])
        self._check_cards(rows)
        self._check_discretion(json.dumps([stored, self.bus.published], default=str))

    def _check_agreement_of(self, row: Payment, intent: StripeObject) -> None:
        account, intent_id = self.account, intent["id"]
        if row.status == MISMATCHED:
            # No event tells that the merchant has put it right.
            assert intent["amount"] != row.amount or intent["status"] in OPEN
        else:
            assert row.status == intent["status"]
            canceled = row.status == "canceled" and intent_id in self.merchant.changed
            assert canceled or intent["amount"] == row.amount
            assert row.last_payment_error == last_payment_error(intent)
        assert intent["payment_method"] in {None, row.payment_method_id}
        assert row.amount_received == intent["amount_received"]
        assert (row.refund_requests, row.instruction) == ((), None), "something is left to do"
        assert row.amount_refunded == account.amount_refunded(intent_id)
        refunds = [
            replace(each, requested_as=None, reason=None, created_at=None, updated_at=None)
            for each in row.refunds
        ]
        assert refunds == [*account.refunds_of(intent_id)]
        assert row.dispute_status == account.dispute_status(intent_id)
        disputes = [
            replace(each, reason=None, evidence_due_by=None, created_at=None)
            for each in row.disputes
        ]
        assert disputes == [*account.disputes_of(intent_id)]

    def _check_cards(self, rows: Mapping[str, Payment]) -> None:
        """Each card is there once; what was replaced stays only for a payment that needs it."""
        needed = {row.payment_method_id for row in rows.values() if not row.is_closed}
        attached = self.merchant.attached()
        seen = [
            (person, card["card"]["fingerprint"])
            for person, card in attached
            if "replaced_by" not in card["metadata"]
        ]
        assert len(seen) == len(set(seen)), "a card is there twice"
        replaced = {card["id"] for _, card in attached if "replaced_by" in card["metadata"]}
        assert replaced <= needed, "a replaced card is left"
        assert {row.replaced_card for row in rows.values()} <= {None, *needed}

    def _check_customers(self, stored: list[dict[str, Any]]) -> None:
        """A person's row has the name that Stripe has, or says that the customer is gone."""
        living = {customer["id"]: customer for customer in self.account.customers}
        for row in stored:
            if "stripe_customer_id" not in row:
                continue  # Stripe has failed to create it, and the person has not come back
            customer = living.get(row["stripe_customer_id"])
            assert row["deleted"] == (customer is None)
            if customer:
                assert (row["email"], row["name"]) == (customer["email"], customer["name"])
