"""Bring a person's name and verified email address to Stripe, where they have changed."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.customer import Customer, CustomerRow, usable_customer
from payments.domain.errors import (
    AccountErasedError,
    CustomerMissingError,
    PaymentRefusedError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.person import Person
from payments.domain.registration import without_unseen

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)

_MAX_TRIES = 5


def bring_profile_to_stripe(
    row: CustomerRow | None,
    *,
    user_id: str,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> Person:
    """Write what the user pool says to the Customer and then to the row. What the pool says.

    `row` was read before, so it is never newer than the pool's answer. An address that nobody has
    verified does not count.

    Raises:
        AccountErasedError: the person is not in the pool any more.
        ServiceUnavailableError: others kept writing.
    """
    written_by_others = False
    for _ in range(_MAX_TRIES):
        person = pool.find(user_id)
        if person is None:
            raise AccountErasedError
        customer = usable_customer(row, livemode=stripe.livemode)
        if customer is None:
            return person  # the step that creates it takes these from the token
        stored = customer.email, customer.name
        profile = _profile(person, customer)
        if profile == stored and not written_by_others:
            return person
        try:
            written = _update_customer(customer, *profile, stripe=stripe)
            if written != stored:
                customers.record(customer, profile=written)
        except CustomerMissingError:
            return person  # the next step that needs a customer creates another one
        except VersionConflictError:
            # Stripe may have got what is older than theirs.
            written_by_others = True
            row = customers.find_row(user_id)
        else:
            return person
    raise ServiceUnavailableError


def _profile(person: Person, customer: Customer) -> tuple[str, str]:
    """What Stripe should have. Two spellings of one address are not a change."""
    changed = person.email_verified and person.email.casefold() != customer.email.casefold()
    return person.email if changed else customer.email, without_unseen(person.name)


def _update_customer(
    customer: Customer, email: str, name: str, *, stripe: "StripeGateway"
) -> tuple[str, str]:
    """Update the Customer; return what Stripe has now. It does not take every address."""
    try:
        stripe.update_customer(customer.stripe_customer_id, email=email or None, name=name)
    except PaymentRefusedError as error:
        logger.warning("customer not updated", extra={"code": error.code, "param": error.param})
        if error.param != "email":
            return customer.email, customer.name
        if name != customer.name:
            stripe.update_customer(customer.stripe_customer_id, email=None, name=name)
        return customer.email, name
    return email, name
