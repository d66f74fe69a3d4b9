"""Record in our rows what Stripe says. Nothing else does.

Requests, webhooks and reconciliation all record changes here: read the row, ask Stripe, and write
on the condition that nobody has written since. Otherwise start over.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payments.domain.errors import ServiceUnavailableError, VersionConflictError
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records changes for one step. `by` is the step's name in a payment's history."""

    by: str
    stripe: "StripeGateway"
    payments: "PaymentsRepository"
    customers: "CustomersRepository"

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
                return self.payments.record(payment, intent, by=self.by), intent
            except VersionConflictError:
                payment = self.payments.get(payment.payment_id)
                if not payment.reflects(intent):
                    intent = self.stripe.retrieve_payment_intent(intent.payment_intent_id)
        raise ServiceUnavailableError

    def customer(self, user_id: str) -> bool:
        """Write a Customer's email address, name or deletion; return whether the row changed.

        Raises:
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
