"""Find what puts off the erasure of a person."""

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.erasure import INVOICE, SUBSCRIPTION, UNCHECKED, deferrals_by
from payments.domain.errors import (
    CustomerMissingError,
    PaymentRefusedError,
    PermissionMissingError,
)
from payments.domain.person import Deferral

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)

_PAGE = 100


def find_erasure_deferrals(
    user_id: str,
    stripe_customer_ids: Collection[str],
    *,
    stripe: "StripeGateway",
    payments: "PaymentsRepository",
) -> list[Deferral]:
    """Whatever of the person is not over: their payments, and what others made for their Customers.

    Where Stripe does not let us look, that is told, and puts it off as well.

    Raises:
        RowUnreadableError: a payment's row cannot be read.
    """
    found = list(deferrals_by(_payments_of(user_id, payments=payments)))
    for stripe_customer_id in sorted(stripe_customer_ids):
        found += [
            each
            for each in _deferrals_at_stripe(stripe_customer_id, stripe=stripe)
            if each not in found
        ]
    return found


def _payments_of(user_id: str, *, payments: "PaymentsRepository") -> "Iterator[Payment]":
    cursor = None
    while True:
        page = payments.list_for_user(user_id, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _deferrals_at_stripe(stripe_customer_id: str, *, stripe: "StripeGateway") -> Iterator[Deferral]:
    looks: dict[str, Callable[[str], bool]] = {
        SUBSCRIPTION: stripe.has_unended_subscriptions,
        INVOICE: stripe.has_unsettled_invoices,
    }
    for reason, look in looks.items():
        try:
            if look(stripe_customer_id):
                yield Deferral(reason)
        except CustomerMissingError:
            return  # nor can anything be made for it
        except (PermissionMissingError, PaymentRefusedError) as error:
            extra = {"reason": str(error) or type(error).__name__, "what": reason}
            logger.warning("what defers an erasure could not be checked", extra=extra)
            yield Deferral(UNCHECKED)
