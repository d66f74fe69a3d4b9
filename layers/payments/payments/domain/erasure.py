"""What puts off the erasure of a person."""

from collections.abc import Iterable, Iterator

from payments.domain.payment import Payment
from payments.domain.person import Deferral

# A dispute, or an inquiry before one, that nobody can answer any more.
# https://docs.stripe.com/api/disputes/object#dispute_object-status
_OVER = frozenset({"won", "lost", "warning_closed", "prevented"})


# Why an erasure is put off.
OPEN_PAYMENT = "open_payment"
DISPUTE = "dispute"
SUBSCRIPTION = "subscription"
INVOICE = "invoice"
UNCHECKED = "unchecked"  # Stripe did not let us look for the latter two


def deferrals_by(payments: Iterable[Payment]) -> Iterator[Deferral]:
    """The payments that are not over. A status that we do not know is not an end."""
    for payment in payments:
        if payment.has_work_left:
            yield Deferral(OPEN_PAYMENT, payment.payment_id)
        disputes = {dispute.status for dispute in payment.disputes}
        if payment.dispute_status and not disputes:  # a row from before disputes were stored
            disputes = {payment.dispute_status}
        if disputes - _OVER:
            yield Deferral(DISPUTE, payment.payment_id)
