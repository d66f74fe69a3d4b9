"""Record: the one way in which a payment's row learns what Stripe says."""

from payments.domain.errors import ServiceUnavailableError, VersionConflictError
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.repositories.payments import PaymentsRepository
from payments.stripe_gateway.gateway import StripeGateway

_MAX_TRIES = 5


def record_payment_intent(
    payment: Payment,
    intent: PaymentIntent,
    *,
    by: str,
    stripe: StripeGateway,
    payments: PaymentsRepository,
) -> tuple[Payment, PaymentIntent]:
    """Write the intent's state to the row, and return both as they stand.

    `by` is the step that noticed, for the payment's history.

    `intent` must have been obtained from Stripe after `payment` was read. The write holds only if
    nobody wrote in between; otherwise both are obtained anew, in that order. So whatever is
    written was seen at Stripe later than what it replaces, and the order and number of events
    do not matter.

    Raises:
        ServiceUnavailableError: others kept writing; the row is as true as theirs.
    """
    for _ in range(_MAX_TRIES):
        if payment.reflects(intent):
            return payment, intent
        try:
            return payments.record(payment, intent, by=by), intent
        except VersionConflictError:
            payment = payments.get(payment.payment_id)
            if not payment.reflects(intent):
                intent = stripe.retrieve_payment_intent(intent.payment_intent_id)
    raise ServiceUnavailableError
