"""Get: one payment, as Stripe sees it now."""

from typing import TYPE_CHECKING

from payments.domain.customer import check_not_being_deleted
from payments.domain.errors import PaymentIntentMissingError, PaymentNotFoundError

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.domain.payment import Payment
    from payments.domain.payment_intent import PaymentIntent
    from payments.recorder import Recorder
    from payments.repositories.payment_inputs import PaymentInputsRepository


def get_payment(
    payment_id: str, *, user: "User", inputs: "PaymentInputsRepository", recorder: "Recorder"
) -> "tuple[Payment, PaymentIntent | None]":
    """The person's payment, brought up to date; without an intent while it is still pending.

    Raises:
        PaymentNotFoundError: the person has no such payment.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
    """
    stripe = recorder.stripe
    payment, row = inputs.load_owned(payment_id, user_id=user.user_id, livemode=stripe.livemode)
    check_not_being_deleted(user, row)
    if payment is None:
        raise PaymentNotFoundError
    if payment.payment_intent_id is None:
        return payment, None
    try:
        intent = stripe.retrieve_payment_intent(
            payment.payment_intent_id, disputed=bool(payment.disputes)
        )
    except PaymentIntentMissingError:
        return recorder.lost(payment), None
    return recorder.payment(payment, intent)
