"""Till with its people, Stripe and AWS: the vocabulary of the scenarios."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from payments import wiring
from payments.domain.errors import PaymentsError
from payments.use_cases.stripe_webhook import HANDLERS
from stripe_simulator.faults import FaultKind, FaultOrder
from stripe_simulator.simulator import Simulator as Account
from stripe_simulator.state import StripeObject
from tests.crash_matrix.calls import REMEMBERED, Calls, Cut, Death, How
from tests.crash_matrix.snapshot import Everything, Json
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import client_for, merchants_gateway, run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver

ADA = "ada00000-0000-4000-8000-000000000000"
BOB = "b0b00000-0000-4000-8000-000000000000"
VISA = "4242424242424242"

_A_MINUTE = 60


@dataclass(frozen=True)
class Died:
    """There is no answer from a step whose process died."""


@dataclass(frozen=True)
class Failed:
    """A step without an HTTP answer raised one of our errors, and has to be repeated."""

    error: PaymentsError


class World:
    """Ada, whose steps are interrupted; Bob, who is not involved; and everything around them."""

    def __init__(self, aws: Aws, stripe: Simulator, account: Account) -> None:
        self.aws = aws
        self.stripe = stripe
        self.everything = Everything(account)
        self.calls = Calls(self._on_put_events, self._fail_next)
        self.ada = client_for(ADA)
        self.bob = client_for(BOB)
        self._simulator = account

    # What happens.

    def attempt(self, step: Callable[[], Any], cut: Cut | None = None) -> tuple[Any, list[str]]:
        """Run a step in a new process; return its answer and its calls."""
        self._start_process()
        with self.calls.watched(cut) as made:
            try:
                return step(), made
            except Death:
                return Died(), made
            except PaymentsError as error:
                return Failed(error), made

    def cut_off(self, step: Callable[[], Any], how: How, call: str) -> None:
        """Let a step die at a call."""
        self.attempt(step, Cut(call, how))

    def fail_for_a_day(self, how: How) -> None:
        """Let Stripe fail at its next request, and remember that."""
        self._fail_next(REMEMBERED[how], method="POST")

    def saved_card(self, number: str = VISA, *, client: ApiClient | None = None) -> str:
        """The id of a new card for Ada, or for someone else."""
        return (client or self.ada).attached(self.stripe.payment_method(number))

    def newer_card(self, card: str) -> str:
        """The same card typed in again: of two in one second, the greater id is the newer one."""
        return next(
            made for made in iter(lambda: self.stripe.payment_method(VISA), None) if made > card
        )

    def attach_elsewhere(self, card: str, stripe_customer_id: str) -> None:
        """Attach a card to a customer, as the merchant might."""
        self.stripe.post(
            SECRET_KEY, f"/v1/payment_methods/{card}/attach", customer=stripe_customer_id
        )

    def make_default(self, stripe_customer_id: str, card: str) -> None:
        """Make a card the default, as the merchant might."""
        default = {"invoice_settings[default_payment_method]": card}
        self.stripe.post(SECRET_KEY, f"/v1/customers/{stripe_customer_id}", **default)

    def set_up(self, setup_intent_id: str, *, after: str = "") -> str:
        """The browser's part: set up a new card, whose id is returned."""
        card = self.newer_card(after)
        path = f"/v1/setup_intents/{setup_intent_id}/confirm"
        self.stripe.post(SECRET_KEY, path, payment_method=card)
        return card

    def create(self, key: str, card: str) -> Answer:
        """Ada's click on "buy"; the same key is the same click."""
        self._note_key(key)
        return self.ada.create(key=key, product_id="coffee", payment_method_id=card)

    def charge_in_absence(self, key: str, order_id: str) -> Answer:
        """A program charges Ada's default card."""
        self._note_key(f"order {order_id}")
        body = {"order_id": order_id, "user_id": ADA}
        return self.merchant("POST", "/merchant/payments", body=body, key=key)

    def merchant(
        self, method: str, path: str, *, body: object = None, key: str | None = None
    ) -> Answer:
        """A program calls one of the merchant's routes."""
        headers = {"Idempotency-Key": key} if key else {}
        return merchants_gateway()(method, path, body=body, headers=headers)

    def created(self, key: str, card: str) -> str:
        """The id of a payment, created without interruption."""
        answer = self.create(key, card)
        assert answer.status == 201, answer
        return str(answer.body["payment_id"])

    def make_order(self, key: str, **members: object) -> Answer:
        """A program makes an order for Ada."""
        body = {
            "order_reference": "R-1001",
            "user_id": ADA,
            "currency": "eur",
            "lines": [{"description": "Coffee", "quantity": 1, "unit_amount": 999}],
            "tax_amount": 100,
        } | members
        return self.merchant("POST", "/merchant/orders", body=body, key=key)

    def made_order(self, key: str = "an-order-for-ada") -> str:
        """The id of an order, made without interruption."""
        answer = self.make_order(key)
        assert answer.status == 201, answer
        return str(answer.body["order_id"])

    def pay_order(self, key: str, order_id: str, card: str) -> Answer:
        """Ada's click on "pay this order"; whatever the key, it has one payment."""
        self._note_key(f"order {order_id}")
        return self.ada.create(key=key, order_id=order_id, payment_method_id=card)

    def confirm(self, payment_id: str, token: str | None = None, **body: object) -> Answer:
        """Ada's click on "pay", with the CVC that she has typed."""
        confirmed = self.everything.notes.confirmed
        confirmed[payment_id] = confirmed.get(payment_id, 0)
        return self.ada.confirm(payment_id, **({"cvc_token": token} if token else {}), **body)

    def cvc(self, payment_id: str) -> str:
        """A token for the CVC that Ada types to pay."""
        confirmed = self.everything.notes.confirmed
        confirmed[payment_id] = confirmed.get(payment_id, 0) + 1
        return self.stripe.cvc_token()

    def confirm_again(self, payment_id: str, token: str | None) -> Answer:
        """What the app does without an answer: the same again, with a new CVC if necessary."""
        answer = self.confirm(payment_id, token)
        if answer.status == 422 and answer.code == "cvc_required":
            answer = self.confirm(payment_id, self.cvc(payment_id))
        return answer

    def deliver(self, event: StripeObject) -> Answer:
        """Stripe's attempt to deliver an event."""
        answer = deliver(event)
        delivered = self.everything.notes.delivered
        if answer.status == 200 and event["id"] not in delivered:
            delivered.append(event["id"])
        return answer

    def deliver_by_event_bridge(self, event: StripeObject) -> Json:
        """The partner event bus's attempt: unless it raises, the event is delivered."""
        event_bus = {"source": "aws.partner/stripe.com/ed_test", "detail": event}
        answer = dict(run("stripe_webhook", event_bus))
        self.everything.notes.delivered.append(event["id"])
        return answer

    def deliver_all(self) -> None:
        """Stripe keeps delivering until every event is delivered."""
        for event in self.events():
            if event["id"] not in self.everything.notes.delivered:
                answer, _ = self.attempt(partial(self.deliver, event))
                assert answer.status == 200, f"{event['type']}: {answer}"

    def deliver_again(self) -> None:
        """Stripe delivers everything again, latest first."""
        for event in reversed(self.events()):
            answer, _ = self.attempt(partial(self.deliver, event))
            assert answer.status == 200, f"{event['type']}: {answer}"

    def let_a_minute_pass(self) -> None:
        """New objects at Stripe become old enough for the search."""
        latest = int(time.time()) - _A_MINUTE
        for event in self._simulator.account.events.values():
            event["created"] = min(event["created"], latest)

    def reconcile(self) -> Json:
        """The scheduled call."""
        return dict(run("reconcile_payments", {"older_than_minutes": 0}))

    def reconcile_calmly(self) -> None:
        """The scheduled call, minutes later and undisturbed."""
        self.let_a_minute_pass()
        answer, _ = self.attempt(self.reconcile)
        assert not isinstance(answer, Failed), answer
        assert answer.get("failed", 0) == 0, answer

    def publish(self, records: list[Json]) -> None:
        """The stream's call."""
        run("publish_payment_events", {"Records": records})

    def publish_all(self) -> None:
        """All stream records so far, again."""
        self.publish(self.everything.stream())

    def has_published_all(self) -> bool:
        """Whether each line of each history is on the bus."""
        lines = sum(len(row["history"]) for row in self.payments())
        return len(self.everything.notes.published) == lines

    # What there is.

    def events(self) -> list[StripeObject]:
        """Stripe's events, oldest first."""
        events = self._simulator.account.events.values()
        return [event for event in events if event["type"] in HANDLERS]

    def event(self, event_type: str) -> StripeObject:
        """The latest event of this kind."""
        return [event for event in self.events() if event["type"] == event_type][-1]

    def payments(self) -> list[Json]:
        """The payments in the Payments table, without what keys were answered with."""
        rows = self.everything.rows("PaymentsTable")
        return [row for row in rows if "same_payment_as" not in row]

    def order_row(self, order_id: str) -> Json:
        """One row of the Orders table."""
        rows = self.everything.rows("OrdersTable")
        (row,) = [row for row in rows if row["order_id"] == order_id]
        return row

    def payment(self, payment_id: str) -> Json:
        """One row of the Payments table."""
        (row,) = [row for row in self.payments() if row["payment_id"] == payment_id]
        return row

    def customer_rows(self) -> list[Json]:
        """The rows of the Customers table."""
        return self.everything.rows("CustomersTable")

    def objects(self, kind: str) -> list[StripeObject]:
        """Everything of a kind that Stripe has, oldest first: `payment_intents`, for example."""
        return list(getattr(self._simulator.account, kind).values())

    def intent_of(self, payment_id: str) -> StripeObject | None:
        """The PaymentIntent of a payment, if Stripe has one."""
        found = [
            intent
            for intent in self.objects("payment_intents")
            if intent["metadata"].get("payment_id") == payment_id
        ]
        return found[0] if found else None

    # What the merchant does.

    def refund(self, payment_id: str, amount: int) -> str:
        """Give back some of the money, in minor units; the refund's id."""
        intent = self.intent_of(payment_id)
        assert intent
        params = {"payment_intent": intent["id"], "amount": str(amount)}
        self.stripe.post(SECRET_KEY, "/v1/refunds", **params)
        return str(self.objects("refunds")[-1]["id"])

    def cancel_order(self, order_id: str) -> Answer:
        """The shop cancels an order."""
        return self.merchant("POST", f"/merchant/orders/{order_id}/cancel", body={})

    def cancel_at_stripe(self, payment_id: str) -> None:
        """Cancel an order's payment, at Stripe alone: another one may follow."""
        intent = self.intent_of(payment_id)
        assert intent
        self._note_key(f"after {payment_id}")
        self.stripe.post(SECRET_KEY, f"/v1/payment_intents/{intent['id']}/cancel")

    def change_amount(self, payment_id: str, amount: int) -> None:
        """Change what is to be paid, at Stripe alone."""
        intent = self.intent_of(payment_id)
        assert intent
        self.everything.notes.changed.append(payment_id)
        self.stripe.post(SECRET_KEY, f"/v1/payment_intents/{intent['id']}", amount=str(amount))

    def inquire(self, payment_id: str) -> str:
        """The cardholder's bank asks about a payment; the dispute's id."""
        intent = self.intent_of(payment_id)
        assert intent
        return self.stripe.dispute_charge(intent["latest_charge"], inquiry=True)

    def dispute(self, payment_id: str) -> str:
        """The cardholder disputes a payment; the dispute's id."""
        intent = self.intent_of(payment_id)
        assert intent
        return self.stripe.dispute_charge(intent["latest_charge"])

    def detach(self, card: str) -> None:
        """Take a card away from its customer."""
        self.stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")

    def delete_customer(self, stripe_customer_id: str) -> None:
        """Delete a customer."""
        self.stripe.delete(SECRET_KEY, f"/v1/customers/{stripe_customer_id}")

    def let_days_pass(self, payment_id: str) -> None:
        """Age a payment until Stripe has forgotten its key and its search finds the intent."""
        self.aws.put_payment(self.payment(payment_id) | {"created_at": "2020-01-01T00:00:00.000Z"})
        self.stripe.forget_idempotency_keys()
        for intent in self.objects("payment_intents"):
            intent["created"] -= 3 * 24 * 60 * _A_MINUTE

    def _note_key(self, key: str) -> None:
        keys = self.everything.notes.keys
        if key not in keys:
            keys.append(key)

    def _start_process(self) -> None:
        """A new process knows no secret yet."""
        gateway = wiring.stripe_gateway()
        gateway._account = None
        secret: Any = gateway._secret
        secret._members = {}

    def _fail_next(self, kind: str, method: str = "*") -> None:
        self._simulator.faults.add(FaultOrder(kind=FaultKind(kind), method=method))

    def _on_put_events(self, entries: list[Json]) -> None:
        for entry in entries:
            self.everything.notes.add_published(json.loads(entry["Detail"]))
