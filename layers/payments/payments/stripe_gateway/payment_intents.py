"""PaymentIntents, and what happens to their money, at Stripe. Amounts are in minor units."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import stripe

from payments.domain.errors import (
    AmountTooLargeError,
    CustomerMissingError,
    PermissionMissingError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import HELD, PaymentIntent, Refund, refunded
from payments.domain.radar import Review
from payments.stripe_gateway.account import REFUSALS, Answer, StripeAccount
from payments.stripe_gateway.errors import payment_intent_in, translated, was_replayed
from payments.stripe_gateway.objects import (
    disputes_from_stripe,
    fraud_warnings_from_stripe,
    given_back,
    id_of,
    payment_intent_from_stripe,
    refunds_from_stripe,
    review_from_stripe,
    weightiest_status,
)
from payments.stripe_gateway.order_details import add_order, amount_details, metadata

if TYPE_CHECKING:
    from stripe.params import (
        DisputeListParams,
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        PaymentIntentListParams,
        RefundListParams,
    )
    from stripe.params.radar import EarlyFraudWarningListParams

    from payments.domain.order import Order


type CancellationReason = Literal["abandoned", "requested_by_customer"]

_CLOCKS_DIFFER_SECONDS = 300
_TAKES_MONEY = frozenset({"succeeded", "processing", HELD})
_WITH_CHARGE = ["latest_charge", "latest_charge.refunds"]  # for refunds and disputes


class PaymentIntents(StripeAccount):
    """The calls about payments."""

    def create_payment_intent(
        self, payment: Payment, order: "Order | None" = None
    ) -> PaymentIntent:
        """Create a payment's PaymentIntent; repeats within a day return the same one.

        `order` is the payment's, if it has one.

        Raises:
            PaymentMethodNotFoundError: the payment method is not the customer's.
            CustomerMissingError: Stripe does not know the customer.
            ValidationError: the amount is less or more than Stripe can charge.
            IdempotencyKeyReusedError: the payment's id was used for something else.
        See https://docs.stripe.com/api/payment_intents/create
        """
        params: PaymentIntentCreateParams = {
            "amount": payment.amount,
            "currency": payment.currency,
            "customer": payment.stripe_customer_id,
            "payment_method": payment.payment_method_id,
            "allowed_payment_method_types": ["card"],
            "confirmation_method": "manual",
            # Where the merchant charges in absence, nobody is there to type it.
            "payment_method_options": {
                "card": {"require_cvc_recollection": not payment.off_session}
            },
            "amount_details": {**amount_details(payment), "enforce_arithmetic_validation": False},
            "metadata": metadata(payment, order, stack=self.stack),
        }
        if order:
            add_order(params, order)
        answer = self._call(
            lambda options: self._v1.payment_intents.create(params, options),
            idempotency_key=payment.idempotency_key,
        )
        return self._up_to_date_intent(answer)

    def find_payment_intent(
        self, payment: Payment, *, before_its_row: bool = False
    ) -> PaymentIntent | None:
        """The PaymentIntent that was created for a payment, if there is one.

        One that differs from the payment was changed at Stripe, and is no obstacle to another, but
        not if it has taken money or holds some. `before_its_row` looks further back than the row's
        time: the row may have been lost and written again.

        Stripe's search is a minute late and not available everywhere; a list is neither.

        See https://docs.stripe.com/api/payment_intents/list
        """
        created = int(datetime.fromisoformat(payment.created_at).timestamp())
        params: PaymentIntentListParams = {
            "customer": payment.stripe_customer_id,
            "expand": [f"data.{path}" for path in _WITH_CHARGE],
            "limit": 100,
        }
        if not before_its_row:
            params["created"] = {"gte": created - _CLOCKS_DIFFER_SECONDS}
        takes_money = None
        while True:
            try:
                page = self._call(lambda options: self._v1.payment_intents.list(params, options))
            except CustomerMissingError:
                return takes_money
            for found in page.data["data"]:
                if (found.get("metadata") or {}).get("payment_id") == payment.payment_id:
                    intent = self._whole_intent(found)
                    if not payment.differences_from(intent):
                        return intent
                    if intent.status in _TAKES_MONEY:
                        takes_money = intent
            if not page.data["has_more"]:
                return takes_money
            params["starting_after"] = page.data["data"][-1]["id"]

    def retrieve_payment_intent(
        self, payment_intent_id: str, *, disputed: bool = False, of_radar: bool = False
    ) -> PaymentIntent:
        """The current PaymentIntent, with refunds, disputes and its review.

        `disputed` says that there is a dispute or an inquiry, whatever the charge says. `of_radar`
        asks for early fraud warnings as well, and takes no answer without them and the review.

        Raises:
            PermissionMissingError: with `of_radar`, the key may not read reviews or warnings.
        See https://docs.stripe.com/api/payment_intents/retrieve
        """
        answer = self._call(
            lambda options: self._v1.payment_intents.retrieve(
                payment_intent_id, {"expand": _WITH_CHARGE}, options
            )
        )
        found = self._whole_intent(answer.data, disputed=disputed, of_radar=of_radar)
        return self._with_fraud_warnings(found) if of_radar else found

    def confirm_payment_intent(
        self,
        payment_intent_id: str,
        *,
        payment: Payment,
        payment_method_id: str | None = None,
        cvc_token: str | None = None,
        radar_session: str | None = None,
        receipt_email: str | None = None,
    ) -> PaymentIntent:
        """Confirm with a freshly collected CVC, or continue after a completed challenge.

        `payment` is what the person agreed to. Its line items go along, because Stripe refuses
        those that do not add up to the intent's amount: somebody may have edited that.

        `radar_session` tells Stripe's Radar of the person's browser and address: Stripe sees ours,
        and takes the person's own only from its own script. Stripe emails a receipt to
        `receipt_email`; in test mode it sends none.

        A refusal is not an error: the intent comes back in `requires_payment_method`, with
        `last_payment_error`. If its state does not allow a confirmation, it comes back unchanged.
        The same `cvc_token` gets the same outcome, because a token works only once.

        Raises:
            CvcRequiredError: the CVC is missing, or its token was used before.
            PaymentMethodNotFoundError: the payment method is not the customer's.
            PaymentRefusedError: Stripe refuses it for good, for example because of the amount.
        See https://docs.stripe.com/api/payment_intents/confirm
        and https://docs.stripe.com/payments/payment-line-items
        """
        params: PaymentIntentConfirmParams = {
            "use_stripe_sdk": True,
            "expand": _WITH_CHARGE,
            "amount_details": amount_details(payment),
        }
        if payment_method_id:
            params["payment_method"] = payment_method_id
        if cvc_token:
            params["payment_method_options"] = {"card": {"cvc_token": cvc_token}}
        if radar_session:
            params["radar_options"] = {"session": radar_session}
        if receipt_email:
            params["receipt_email"] = receipt_email
        try:
            answer = self._send(
                lambda options: self._v1.payment_intents.confirm(
                    payment_intent_id, params, options
                ),
                idempotency_key=_confirm_key(payment_intent_id, payment_method_id, cvc_token),
            )
        except REFUSALS as error:
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def confirm_in_absence(
        self,
        payment_intent_id: str,
        *,
        payment: Payment,
        payment_method_id: str,
        key: str | None,
    ) -> PaymentIntent:
        """Charge this card with nobody there.

        A refusal is no error, nor that the bank wants to see the person: the intent comes back in
        `requires_payment_method`, with `last_payment_error`. `key` names this attempt; without it,
        only the intent's state prevents a second one.

        Raises:
            PaymentMethodNotFoundError: the card is not the customer's.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/payments/save-and-reuse
        """
        try:
            answer = self._send(
                lambda options: self._v1.payment_intents.confirm(
                    payment_intent_id,
                    {
                        "off_session": True,
                        "payment_method": payment_method_id,
                        "expand": _WITH_CHARGE,
                        "amount_details": amount_details(payment),
                    },
                    options,
                ),
                idempotency_key=key and f"absence-{payment_intent_id}-{key}",
            )
        except REFUSALS as error:
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def cancel_payment_intent(
        self, payment_intent_id: str, *, reason: CancellationReason = "abandoned"
    ) -> PaymentIntent:
        """Cancel a PaymentIntent; if its state does not allow that, return it unchanged.

        Money that is held for it is let go.

        See https://docs.stripe.com/api/payment_intents/cancel
        """
        try:
            answer = self._send(
                lambda options: self._v1.payment_intents.cancel(
                    payment_intent_id,
                    {"cancellation_reason": reason, "expand": _WITH_CHARGE},
                    options,
                )
            )
        except REFUSALS as error:
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def capture_payment_intent(self, payment_intent_id: str, *, amount: int) -> PaymentIntent:
        """Take this much of what is held, and let go of the rest.

        If the intent's state does not allow that, it comes back unchanged. That is also why it
        needs no idempotency key: nothing is captured twice.

        Raises:
            AmountTooLargeError: more than is held.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/payment_intents/capture
        """
        try:
            answer = self._send(
                lambda options: self._v1.payment_intents.capture(
                    payment_intent_id,
                    {"amount_to_capture": amount, "expand": _WITH_CHARGE},
                    options,
                )
            )
        except REFUSALS as error:
            if error.code == "amount_too_large":
                raise AmountTooLargeError from error
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def _intent_after_refusal(
        self, error: stripe.StripeError, payment_intent_id: str
    ) -> PaymentIntent:
        """The current state of the intent that came with a refusal."""
        intent = payment_intent_in(error)
        if intent is None:
            raise translated(error) from error
        if intent["status"] == "succeeded" or was_replayed(error.headers):
            return self.retrieve_payment_intent(payment_intent_id)
        return payment_intent_from_stripe(intent)

    def _up_to_date_intent(self, answer: Answer) -> PaymentIntent:
        """The current intent: a replayed answer may show an older state."""
        if answer.replayed:
            return self.retrieve_payment_intent(answer.data["id"])
        return self._whole_intent(answer.data)

    def _whole_intent(
        self, intent: Mapping[str, Any], *, disputed: bool = False, of_radar: bool = False
    ) -> PaymentIntent:
        """The intent, with all its refunds, and its disputes and its review if there are any.

        Whether a charge with nothing but an inquiry says that it is disputed, Stripe does not tell.
        """
        found = payment_intent_from_stripe(intent)
        charge = intent.get("latest_charge")
        if not isinstance(charge, Mapping):
            return found
        if (charge.get("refunds") or {}).get("has_more"):  # the charge comes with the latest ten
            refunds = self._refunds_of(found, charge)
            found = replace(found, refunds=refunds, amount_refunded=refunded(refunds))
        if review_id := id_of(charge.get("review")):
            review = self._review(review_id, must_be_read=of_radar)
            found = replace(found, review=review)
        return self._with_disputes(found) if disputed or charge["disputed"] else found

    def _review(self, review_id: str, *, must_be_read: bool) -> Review:
        """A review. To a key that may not read it, it stays open: nobody is told to fulfil.

        See https://docs.stripe.com/api/radar/reviews/retrieve
        """
        try:
            answer = self._call(lambda options: self._v1.reviews.retrieve(review_id, {}, options))
        except PermissionMissingError:
            if must_be_read:
                raise
            return Review(review_id, open=True)
        return review_from_stripe(answer.data)

    def _with_fraud_warnings(self, found: PaymentIntent) -> PaymentIntent:
        """The intent with what cardholders' banks have warned of.

        See https://docs.stripe.com/api/radar/early_fraud_warnings/list
        """
        params: EarlyFraudWarningListParams = {
            "payment_intent": found.payment_intent_id,
            "limit": 100,
        }
        answer = self._call(
            lambda options: self._v1.radar.early_fraud_warnings.list(params, options)
        )
        return replace(found, fraud_warnings=fraud_warnings_from_stripe(answer.data["data"]))

    def _refunds_of(self, intent: PaymentIntent, charge: Mapping[str, Any]) -> tuple[Refund, ...]:
        """All refunds of an intent, which has this charge.

        See https://docs.stripe.com/api/refunds/list
        """
        params: RefundListParams = {"payment_intent": intent.payment_intent_id, "limit": 100}
        found: list[dict[str, Any]] = []
        while True:
            page = self._call(lambda options: self._v1.refunds.list(params, options)).data
            found += page["data"]
            if not page["has_more"]:
                return refunds_from_stripe(given_back(charge, found))
            params["starting_after"] = found[-1]["id"]

    def _with_disputes(self, found: PaymentIntent) -> PaymentIntent:
        """The intent with its disputes; a key that may not read them costs only them.

        See https://docs.stripe.com/api/disputes/list
        """
        params: DisputeListParams = {"payment_intent": found.payment_intent_id, "limit": 100}
        try:
            answer = self._call(lambda options: self._v1.disputes.list(params, options))
        except PermissionMissingError:
            return replace(found, disputes=None)
        disputes = disputes_from_stripe(answer.data["data"])
        return replace(found, disputes=disputes, dispute_status=weightiest_status(disputes))


def _confirm_key(
    payment_intent_id: str, payment_method_id: str | None, cvc_token: str | None
) -> str | None:
    """An idempotency key, one per card and CVC token.

    There is none for continuing after a challenge: the intent's own state prevents a second
    charge, and a replayed answer would show the state before the challenge.
    """
    if cvc_token is None:
        return None
    digest = hashlib.sha256(f"{cvc_token}:{payment_method_id}".encode()).hexdigest()
    return f"confirm-{payment_intent_id}-{digest[:32]}"
