"""Find out whether a person's account is being deleted, and what that waits for."""

from typing import TYPE_CHECKING

from payments.domain.customer import (
    CustomerRow,
    ErasedPerson,
    User,
    is_being_deleted,
    usable_customer,
)
from payments.domain.person import Deletion, Person, erased_after

if TYPE_CHECKING:
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def deletion_requested_at(user: User, person: Person, row: CustomerRow | None) -> str | None:
    """When the person asked for the deletion; None if they did not.

    The row tells. If it was restored and has forgotten, the user pool tells, and the token says so
    too. Without the token, the pool may show a request that was cut off and not repeated.
    """
    if not is_being_deleted(user, row):
        return None
    stored = None if row is None or isinstance(row, ErasedPerson) else row.deletion_requested_at
    return stored or person.deletion_requested_at


def find_deletion(
    user: User,
    person: Person,
    row: CustomerRow | None,
    *,
    erase_after_days: int,
    stripe: "StripeGateway",
    payments: "PaymentsRepository",
) -> Deletion | None:
    """The deletion that the person asked for, and what puts it off; None if they did not."""
    requested_at = deletion_requested_at(user, person, row)
    if requested_at is None:
        return None
    from payments.use_cases.find_erasure_deferrals import (  # noqa: PLC0415  (rarely needed)
        find_erasure_deferrals,
    )

    customer = usable_customer(row, livemode=stripe.livemode)
    deferrals = find_erasure_deferrals(
        user.user_id,
        [customer.stripe_customer_id] if customer else [],
        stripe=stripe,
        payments=payments,
    )
    return Deletion(
        requested_at=requested_at,
        erased_after=erased_after(requested_at, days=erase_after_days),
        deferred_by=tuple(deferrals),
    )
