"""Erase a person: their Stripe Customer with its cards, their row, and then the user."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import now
from payments.domain.customer import Customer, CustomerRow, ErasedPerson, User
from payments.domain.errors import (
    CustomerMissingError,
    ServiceUnavailableError,
    StripeRejectedError,
    VersionConflictError,
)
from payments.use_cases.find_erasure_deferrals import find_erasure_deferrals

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.domain.person import Deferral, Person
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)


def erase_account(
    person: "Person",
    row: CustomerRow,
    *,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
) -> "list[Deferral]":
    """Erase a person who has asked for it, or return what puts it off. Payments stay as they are.

    Their orders keep what was bought and lose who and where they are.

    The user goes last: cut off anywhere, this begins again with the user who is still there. Once
    the row is gone, nothing puts it off any more.

    Raises:
        StripeRejectedError: our key does not see their Customer, or may not delete it.
        StripeUnavailableError, ServiceUnavailableError: a part of it may be done.
    """
    stripe_customer_ids = _customers_of(person, row, stripe=stripe)
    if not isinstance(row, ErasedPerson):
        deferrals = find_erasure_deferrals(
            person.user_id, stripe_customer_ids, stripe=stripe, payments=payments
        )
        for each in deferrals:
            extra = {"reason": each.reason, "payment_id": each.payment_id}
            logger.info("erasure deferred", extra={"user_id": person.user_id, **extra})
        if deferrals:
            return deferrals
    for stripe_customer_id in sorted(stripe_customer_ids):
        _delete(stripe_customer_id, stripe=stripe)
    if not isinstance(row, ErasedPerson):
        orders.forget_person(person.user_id)
        try:
            customers.erase(row, at=now())
        except VersionConflictError as error:
            raise ServiceUnavailableError from error  # somebody else is at work on it
    pool.delete(person.user_id)
    return []


def _customers_of(person: "Person", row: CustomerRow, *, stripe: "StripeGateway") -> set[str]:
    """All their Customers: the row may be older than one of them, or not know any.

    Raises:
        StripeRejectedError: the row's is in the other mode, where our key reaches nothing.
    """
    user = User(person.user_id, email=person.email, name=person.name)
    found = stripe.find_all_customers(user)
    if isinstance(row, Customer) and not row.deleted:
        if row.livemode != stripe.livemode:
            raise StripeRejectedError(f"{row.stripe_customer_id} is in the other mode")
        found.add(row.stripe_customer_id)
    return found


def _delete(stripe_customer_id: str, *, stripe: "StripeGateway") -> None:
    try:
        stripe.delete_customer(stripe_customer_id)
    except CustomerMissingError as error:
        raise StripeRejectedError(f"the key does not see {stripe_customer_id}") from error
