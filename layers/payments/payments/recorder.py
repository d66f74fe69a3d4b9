"""Record in our rows what Stripe says. Nothing else does.

Requests, webhooks and reconciliation all record changes here: read the row, ask Stripe, and write
on the condition that nobody has written since. Otherwise start over.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.errors import (
    ServiceUnavailableError,
    StripeRejectedError,
    VersionConflictError,
)
from payments.domain.payment import LOST_AT_STRIPE, ORDER_CANCELED_BUT_PAID, Payment
from payments.domain.payment_intent import MISMATCHED, LastPaymentError, PaymentIntent
from payments.domain.radar import EARLY_FRAUD_WARNING, REVIEW
from payments.metrics import count_rare

if TYPE_CHECKING:
    from payments.guard import Guard
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)

_MAX_TRIES = 5
# Somebody has to look at these: metrics, so that nobody forgets them.
_OF_RADAR = {REVIEW: "Payment_under_review", EARLY_FRAUD_WARNING: "Early_fraud_warning"}


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records changes for one step.

    `by` is the step's name in a payment's history, `actor` who asked for it: see `StatusChange`.
    `rows_may_be_lost`: what has no row may have been paid before its row was lost, so Stripe is
    looked at before a PaymentIntent is created.
    """

    by: str
    actor: str
    stripe: "StripeGateway"
    payments: "PaymentsRepository"
    customers: "CustomersRepository"
    orders: "OrdersRepository"
    guard: "Guard"
    rows_may_be_lost: bool = False

    def payment(self, payment: Payment, intent: PaymentIntent) -> tuple[Payment, PaymentIntent]:
        """Write the intent's state to the payment's row, and return the current state of both.

        `intent` must come from Stripe after `payment` was read. The write applies only if nobody
        wrote in between; otherwise both are read again, in that order. So each write is newer at
        Stripe than what it replaces, and the order and number of events do not matter.

        Raises:
            ServiceUnavailableError: others kept writing; the row has what they saw.
        """
        for _ in range(_MAX_TRIES):
            if payment.reflects(intent):
                return payment, intent
            try:
                recorded = self.payments.record(payment, intent, by=self.by, actor=self.actor)
            except VersionConflictError:
                payment = self.payments.get(payment.payment_id)
                if payment.status != intent.status or not payment.reflects(intent):
                    current = payment.payment_intent_id or intent.payment_intent_id
                    disputed = bool(intent.disputes or payment.disputes)
                    again = self.stripe.retrieve_payment_intent(current, disputed=disputed)
                    intent = replace(again, account_id=intent.account_id)
            else:
                _count_radar(recorded, since=payment)
                if _tells(recorded, ORDER_CANCELED_BUT_PAID, since=payment):
                    _alarm_of_paid_order(recorded)
                if recorded.status == MISMATCHED and recorded.last_payment_error:
                    logger.error(
                        "payment mismatched",
                        extra={
                            "payment_id": payment.payment_id,
                            "differences": recorded.last_payment_error.message,
                        },
                    )
                    count_rare("Payment_mismatched")
                return recorded, intent
        raise ServiceUnavailableError

    def end(self, payment: Payment, status: str, error: LastPaymentError) -> Payment:
        """End a payment that has no PaymentIntent to ask about, with the reason for it.

        What Stripe has decided stays so. Whoever has written since knows more: then theirs is the
        answer.
        """
        if payment.is_final or payment.status == status:
            return payment
        try:
            ended = self.payments.end(payment, status, error, by=self.by, actor=self.actor)
        except VersionConflictError:
            return self.payments.get(payment.payment_id)
        log = logger.error if status == LOST_AT_STRIPE else logger.warning
        log(
            "payment ended",
            extra={"payment_id": payment.payment_id, "status": status, "reason": error.code},
        )
        return ended

    def lost(self, payment: Payment) -> Payment:
        """End a payment whose PaymentIntent our key does not see, if it is that account's key.

        Raises:
            StripeRejectedError: our key is another account's, or nobody can tell.
        """
        account_id = self.stripe.account_id()
        if account_id is None or payment.account_id != account_id:
            raise StripeRejectedError(
                f"the key is of account {account_id}, the payment of {payment.account_id}"
            )
        reason = LastPaymentError(LOST_AT_STRIPE, None, "Stripe no longer knows this payment.")
        return self.end(payment, LOST_AT_STRIPE, reason)

    def customer(self, user_id: str) -> bool:
        """Write a Customer's email address, name or deletion; return whether the row changed.

        Raises:
            CustomerMissingError: our key does not see the Customer.
            ServiceUnavailableError: others kept writing.
        """
        for _ in range(_MAX_TRIES):
            customer = self.customers.find(user_id)
            if customer is None or customer.deleted or customer.livemode != self.stripe.livemode:
                return False
            profile = self.stripe.retrieve_customer(customer.stripe_customer_id)
            if profile == (customer.email, customer.name):
                return False
            try:
                self.customers.record(customer, profile=profile)
            except VersionConflictError:
                continue
            return True
        raise ServiceUnavailableError


def _tells(payment: Payment, status: str, *, since: Payment) -> bool:
    """Whether a line of the history that was written since then has this status."""
    return any(line.to_status == status for line in payment.history[len(since.history) :])


def _count_radar(payment: Payment, *, since: Payment) -> None:
    """Tell that somebody has to look at a payment."""
    for status, metric in _OF_RADAR.items():
        if _tells(payment, status, since=since):
            logger.warning(status, extra={"payment_id": payment.payment_id})
            count_rare(metric)


def _alarm_of_paid_order(payment: Payment) -> None:
    """Tell that an order is paid which the merchant had cancelled: somebody has to decide."""
    logger.error(
        "cancelled order was paid",
        extra={"payment_id": payment.payment_id, "order_id": payment.order_id},
    )
    count_rare("Order_canceled_but_paid")
