"""The one way in which our rows learn what Stripe says.

Whoever notices a change, a request, a webhook or reconciliation, records it here: read the row,
ask Stripe, write on the condition that nobody has written since, otherwise start over.
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
    """Records for one step, which `by` names in the history of a payment."""

    by: str
    stripe: "StripeGateway"
    payments: "PaymentsRepository"
    customers: "CustomersRepository"

    def payment(self, payment: Payment, intent: PaymentIntent) -> tuple[Payment, PaymentIntent]:
        """Write the intent's state to the payment's row, and return both as they stand.

        `intent` must have been obtained from Stripe after `payment` was read. The write holds only
        if nobody wrote in between; otherwise both are obtained anew, in that order. So whatever is
        written was seen at Stripe later than what it replaces, and the order and number of events
        do not matter.

        Raises:
            ServiceUnavailableError: others kept writing; the row is as true as theirs.
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
        """Write the email address, name or deletion of a Customer; tell whether the row changed.

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
