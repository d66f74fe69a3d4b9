"""Get: one payment, as Stripe sees it now."""

from payments.domain.customer import User
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.repositories.payments import PaymentsRepository
from payments.stripe_gateway.gateway import StripeGateway
from payments.use_cases.record_payment_intent import record_payment_intent


def get_payment(
    payment_id: str, *, user: User, stripe: StripeGateway, payments: PaymentsRepository
) -> tuple[Payment, PaymentIntent | None]:
    """The person's payment, brought up to date; without an intent while it is still pending.

    Raises:
        PaymentNotFoundError: no such payment of this person's.
    """
    payment = payments.get_owned(payment_id, user_id=user.user_id, livemode=stripe.livemode)
    if payment.payment_intent_id is None:
        return payment, None
    intent = stripe.retrieve_payment_intent(payment.payment_intent_id)
    return record_payment_intent(payment, intent, by="get", stripe=stripe, payments=payments)
