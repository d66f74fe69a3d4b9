"""Cancel: the person's own unfinished payment."""

from typing import TYPE_CHECKING

from payments.domain.customer import check_signed_in
from payments.domain.errors import PaymentNotFoundError
from payments.domain.payment import Payment
from payments.use_cases.ensure_canceled import ensure_canceled

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.recorder import Recorder
    from payments.repositories.payment_inputs import PaymentInputsRepository


def cancel_payment(
    payment_id: str, *, user: "User", inputs: "PaymentInputsRepository", recorder: "Recorder"
) -> Payment:
    """Cancel a payment that the person has not finished. Its order stays open.

    What is held for the merchant is not theirs to let go.

    Raises:
        PaymentNotFoundError: the person has no such payment.
        SignedOutError: they logged out everywhere after they had logged in.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
        PaymentNotCancelableError: it has succeeded or is over, or money is held for it.
    """
    payment, customer = inputs.load_owned(
        payment_id, user_id=user.user_id, livemode=recorder.stripe.livemode
    )
    check_signed_in(user, customer)
    if payment is None:
        raise PaymentNotFoundError
    return ensure_canceled(payment, recorder=recorder, may_release_hold=False)
