"""What a second Lambda, the merchant or the bank does during a request."""

from contextlib import suppress
from datetime import timedelta
from typing import Literal

from payments import wiring
from payments.domain.errors import PaymentsError
from payments.stripe_gateway.objects import stripe_event_from_stripe
from payments.use_cases.confirm_payment_intent import confirm_payment_intent
from payments.use_cases.create_payment_intent import create_payment_intent
from payments.use_cases.get_payment import get_payment
from payments.use_cases.list_payment_methods import list_payment_methods
from payments.use_cases.reconcile_payments import reconcile_payments
from payments.use_cases.stripe_webhook import stripe_webhook
from tests.model.background import some_seconds_later
from tests.model.people import GOOD_CVC, Purchase, user_of
from tests.model.stripe_account import OPEN
from tests.model.world import World

type Act = Literal[
    "cancel", "cards", "challenge", "change", "confirm", "create", "delete", "get", "reconcile",
    "refund", "webhooks",
]  # fmt: skip
ACTS: tuple[Act, ...] = (
    "get", "webhooks", "confirm", "reconcile", "refund", "create", "cancel", "challenge", "cards",
    "delete", "change",
)  # fmt: skip


class Meanwhile:
    """Acts on one payment; the acts may fail."""

    def __init__(self, world: World, purchase: Purchase) -> None:
        self._world = world
        self._purchase = purchase
        self._user = user_of(purchase.person)

    def act(self, *acts: Act) -> None:
        """Do these now, one after the other."""
        for act in acts:
            with suppress(PaymentsError):
                getattr(self, f"_{act}")()

    def _intent(self, *statuses: str) -> str | None:
        account = self._world.merchant.looks()
        found = account.intents_of(self._purchase.payment_id)
        return found[0]["id"] if found and found[0]["status"] in statuses else None

    def _cancel(self) -> None:
        if intent_id := self._intent(*OPEN):
            self._world.merchant.cancels(intent_id)

    def _change(self) -> None:
        for intent in self._world.merchant.looks().intents_of(self._purchase.payment_id):
            self._world.merchant.changes_amount(intent, intent["amount"] + 1)

    def _challenge(self) -> None:
        if intent_id := self._intent("requires_action"):
            self._world.stripe.answer_challenge(intent_id, "succeed")

    def _refund(self) -> None:
        for charge in self._world.merchant.looks().refundable():
            self._world.merchant.refunds(charge, everything=False)

    def _delete(self) -> None:
        for customer in self._world.merchant.looks().customers:
            if customer["metadata"]["user_id"] == self._user.user_id:
                self._world.merchant.deletes_customer(customer["id"])

    def _webhooks(self) -> None:
        self._world.send_webhooks()
        for event in reversed(self._world.webhooks):
            stripe_webhook(stripe_event_from_stripe(event), wiring.recorder(by="webhook"))

    def _confirm(self) -> None:
        confirm_payment_intent(
            self._purchase.payment_id,
            user=self._user,
            cvc_token=self._world.cvc_token(GOOD_CVC),
            payment_method_id=None,
            inputs=wiring.payment_inputs(),
            recorder=wiring.recorder(by="confirm"),
        )

    def _create(self) -> None:
        create_payment_intent(
            self._purchase.wanted,
            user=self._user,
            idempotency_key=self._purchase.key,
            default_currency="eur",
            inputs=wiring.payment_inputs(),
            recorder=wiring.recorder(by="create"),
        )

    def _get(self) -> None:
        get_payment(
            self._purchase.payment_id,
            user=self._user,
            inputs=wiring.payment_inputs(),
            recorder=wiring.recorder(by="get"),
        )

    def _cards(self) -> None:
        list_payment_methods(
            user=self._user,
            limit=10,
            cursor=None,
            stripe=wiring.stripe_gateway(),
            customers=wiring.customers(),
        )

    def _reconcile(self) -> None:
        some_seconds_later(
            lambda: reconcile_payments(
                older_than=timedelta(0),
                abandon_after=timedelta(days=1),
                seconds=600,
                at_once=1,
                requests_per_second=1000,
                recorder=wiring.recorder(by="reconcile"),
                refunds=wiring.refunds(),
                bookmarks=wiring.bookmarks(),
            )
        )
