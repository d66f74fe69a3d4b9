"""Refunds, at Stripe. Amounts are in minor units."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import stripe

from payments.domain.errors import (
    AmountTooLargeError,
    PaymentIntentMissingError,
    PaymentNotRefundableError,
    RateLimitedError,
    UnavailableError,
)
from payments.domain.payment_intent import PaymentIntent
from payments.domain.refund import RequestedRefund
from payments.stripe_gateway.account import MISSING, REFUSALS
from payments.stripe_gateway.errors import translated
from payments.stripe_gateway.payment_intents import PaymentIntents

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

_WITH_INTENT = ["payment_intent.latest_charge", "payment_intent.latest_charge.refunds"]


class Refunds(PaymentIntents):
    """The call that gives money back."""

    def create_refund(self, refund: RequestedRefund, payment_intent_id: str) -> PaymentIntent:
        """Give money back; repeats within a day do so once. Returns the intent after that.

        Raises:
            AmountTooLargeError: more than is left.
            PaymentNotRefundableError: Stripe refuses it for good, for example during a dispute.
            PaymentIntentMissingError: our key does not see the intent.
            IdempotencyKeyReusedError: the key was used with other parameters.
        See https://docs.stripe.com/api/refunds/create
        """
        params: RefundCreateParams = {
            "payment_intent": payment_intent_id,
            "amount": refund.amount,
            "metadata": refund.metadata | {"stack": self.stack},
            "expand": _WITH_INTENT,
        }
        if refund.reason:
            params["reason"] = refund.reason
        try:
            answer = self._send(
                lambda options: self._v1.refunds.create(params, options),
                idempotency_key=refund.idempotency_key,
            )
        except REFUSALS as error:
            raise _refusal(error) from error
        intent = answer.data["payment_intent"]
        if answer.replayed or not isinstance(intent, Mapping):  # it may be older by now
            return self.retrieve_payment_intent(payment_intent_id)
        return self._whole_intent(intent)


def _refusal(error: stripe.CardError | stripe.InvalidRequestError) -> Exception:
    known = translated(error)
    if isinstance(known, (UnavailableError, RateLimitedError)):
        return known
    if error.code == "charge_already_refunded" or error.param == "amount":
        return AmountTooLargeError()
    if error.code == MISSING:  # the intent: no other id was sent
        return PaymentIntentMissingError()
    return PaymentNotRefundableError(error.code)
