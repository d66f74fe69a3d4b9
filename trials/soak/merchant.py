"""The merchant in Stripe's dashboard: refunds, cancellations, disputes, customers."""

import random
import threading

from trials.soak.ledger import Ledger, Pace
from trials.soak.stripe import Stripe, StripeObject

_REPLIES_BETWEEN_DEEDS = (4, 20)
_REFUND_GOES_TO = {
    "pending": ["succeeded", "succeeded", "failed", "canceled", "requires_action"],
    "requires_action": ["succeeded", "canceled"],
    "succeeded": ["failed"],
}
_DISPUTE_GOES_TO = ["under_review", "won", "lost"]
_INQUIRY_GOES_TO = ["warning_under_review", "warning_closed", "needs_response"]


class Merchant:
    """Someone who does things that Till learns only from Stripe."""

    def __init__(self, stripe: Stripe, *, ledger: Ledger, dice: random.Random) -> None:
        self._stripe = stripe
        self._ledger = ledger
        self._dice = dice

    def work(self, stop: threading.Event) -> None:
        """Do one thing after another until it is time to stop."""
        pace = Pace(self._ledger, self._dice, between=_REPLIES_BETWEEN_DEEDS)
        for _ in pace.times(stop):
            deeds = {
                self._refund: 20,
                self._cancel: 6,
                self._capture: 2,
                self._let_hold_expire: 2,
                self._move_refund: 8,
                self._move_dispute: 8,
                self._inquire: 3,
                self._rename_customer: 3,
                self._delete_customer: 1,
            }
            deed = self._dice.choices(list(deeds), list(deeds.values()))[0]
            if deed():
                self._ledger.merchant[deed.__name__.strip("_")] += 1

    def _refund(self) -> bool:
        charges = [
            charge
            for charge in self._of_the_people("/v1/charges")
            if charge["captured"] and not charge["refunded"]
        ]
        if not charges:
            return False
        charge = self._dice.choice(charges)
        params = {"payment_intent": str(charge["payment_intent"])}
        if self._dice.choice([True, False]):  # partial as often as full
            left = charge["amount"] - charge["amount_refunded"]
            params["amount"] = str(self._dice.randint(1, left))
        return self._stripe.dashboard("POST", "/v1/refunds", **params)

    def _cancel(self) -> bool:
        intents = [
            intent
            for intent in self._of_the_people("/v1/payment_intents")
            if intent["status"] not in {"succeeded", "canceled"}
        ]
        if not intents:
            return False
        # The newest ones are those that someone is confirming right now.
        path = f"/v1/payment_intents/{self._dice.choice(intents[:10])['id']}/cancel"
        return self._stripe.dashboard("POST", path, cancellation_reason="requested_by_customer")

    def _capture(self) -> bool:
        """Take what is held, or a part of it."""
        held = self._held()
        if not held:
            return False
        intent = self._dice.choice(held)
        amount = self._dice.choice([intent["amount_capturable"], 50])
        path = f"/v1/payment_intents/{intent['id']}/capture"
        return self._stripe.dashboard("POST", path, amount_to_capture=str(amount))

    def _let_hold_expire(self) -> bool:
        held = self._held()
        return bool(held) and self._stripe.let_hold_expire(self._dice.choice(held)["id"])

    def _held(self) -> list[StripeObject]:
        intents = self._of_the_people("/v1/payment_intents")
        return [intent for intent in intents if intent["status"] == "requires_capture"]

    def _move_refund(self) -> bool:
        """What is pending is decided; now and then, what has succeeded fails."""
        ours = {charge["id"] for charge in self._of_the_people("/v1/charges")}
        refunds = [
            refund
            for refund in self._stripe.latest("/v1/refunds")
            if refund["charge"] in ours
            and refund["status"] in _REFUND_GOES_TO
            and refund["balance_transaction"]  # the others were only held and never taken
        ]
        if not refunds:
            return False
        refund = self._dice.choice(refunds)
        status = self._dice.choice(_REFUND_GOES_TO[refund["status"]])
        return self._stripe.move_refund(refund["id"], status)

    def _inquire(self) -> bool:
        charges = [each for each in self._of_the_people("/v1/charges") if each["captured"]]
        return bool(charges) and self._stripe.inquire(self._dice.choice(charges)["id"])

    def _move_dispute(self) -> bool:
        ours = {charge["id"] for charge in self._of_the_people("/v1/charges")}
        open_disputes = [
            dispute
            for dispute in self._stripe.latest("/v1/disputes")
            if dispute["charge"] in ours
            and dispute["status"] not in {"won", "lost", "warning_closed"}
        ]
        if not open_disputes:
            return False
        dispute = self._dice.choice(open_disputes)
        is_inquiry = dispute["status"].startswith("warning")
        status = self._dice.choice(_INQUIRY_GOES_TO if is_inquiry else _DISPUTE_GOES_TO)
        return self._stripe.move_dispute(dispute["id"], status)

    def _rename_customer(self) -> bool:
        customers = self._of_the_people("/v1/customers")
        if not customers:
            return False
        path = f"/v1/customers/{self._dice.choice(customers)['id']}"
        return self._stripe.dashboard("POST", path, name=f"Grace {self._dice.randint(1, 999)}")

    def _delete_customer(self) -> bool:
        customers = self._of_the_people("/v1/customers")
        if not customers:
            return False
        path = f"/v1/customers/{self._dice.choice(customers)['id']}"
        return self._stripe.dashboard("DELETE", path)

    def _of_the_people(self, path: str) -> list[StripeObject]:
        """The newest objects of a list that belong to people of this soak."""
        return [
            each
            for each in self._stripe.latest(path)
            if each["metadata"].get("user_id") in self._ledger.user_ids
        ]
