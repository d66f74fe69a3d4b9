"""The erasure of a person's data: what they asked for, and what puts it off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.domain.clock import timestamp
from payments.domain.payment import Payment

# A dispute, or an inquiry before one, that nobody can answer any more.
# https://docs.stripe.com/api/disputes/object#dispute_object-status
_OVER = frozenset({"won", "lost", "warning_closed", "prevented"})


@dataclass(frozen=True, slots=True)
class Deferral:
    """Something that has to end before a person is erased.

    `reason` is `open_payment`, `dispute`, `subscription`, `invoice`, or `unchecked`: Stripe did not
    let us look for the latter two.
    """

    reason: str
    payment_id: str | None = None


OPEN_PAYMENT = "open_payment"
DISPUTE = "dispute"
SUBSCRIPTION = "subscription"
INVOICE = "invoice"
UNCHECKED = "unchecked"


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


def erased_after(requested_at: str, grace: timedelta) -> str:
    """When a person who asked for it then is erased, unless something puts it off."""
    return timestamp(datetime.fromisoformat(requested_at) + grace)
