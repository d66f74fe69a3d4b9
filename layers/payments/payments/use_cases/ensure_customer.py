"""A person's Stripe Customer, created once, by the first request that needs it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from payments.domain.clock import now
from payments.domain.customer import (
    Customer,
    UnfinishedCustomer,
    User,
    check_not_being_deleted,
)
from payments.domain.errors import (
    AccountErasedError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    PaymentRefusedError,
    StripeUnavailableError,
)
from payments.domain.registration import without_unseen
from payments.use_cases.claim_import import claim_import

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def ensure_customer(
    user: User,
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    signed_up_now: bool = False,
    imports: "ImportsRepository | None" = None,
    missing: Customer | None = None,
) -> Customer:
    """The person's customer, created or claimed now if there is none in this mode yet.

    `signed_up_now` says that there cannot be one yet. `missing` is a row whose customer Stripe
    does not know.

    Raises:
        PaymentRefusedError: Stripe refuses for good to create it.
        AccountBeingDeletedError, AccountErasedError: the person asked for the deletion.
    """
    row = None if signed_up_now else customers.find_row(user.user_id)
    check_not_being_deleted(user, row)
    stored = row if isinstance(row, Customer) else None
    if stored and stored.livemode == stripe.livemode:
        if stored.deleted:
            missing = stored
        if missing is None or stored.stripe_customer_id != missing.stripe_customer_id:
            return stored
    unfinished = (
        row
        if isinstance(row, UnfinishedCustomer)
        else UnfinishedCustomer(
            user.user_id, replaces=missing.stripe_customer_id if missing else None
        )
    )
    claimed = claim_import(user, unfinished, stripe=stripe, imports=imports)
    if claimed:
        return _add_claimed(claimed, stripe=stripe, customers=customers, replacing=stored)
    customer = None if signed_up_now else _find(user, unfinished, stripe=stripe)
    if customer is None:
        customer = _create(user, unfinished, stripe=stripe, customers=customers, replacing=stored)
    try:
        added = customers.add(customer, replacing=stored)
    except AccountErasedError:
        stripe.delete_unused_customer(customer.stripe_customer_id)
        raise
    if added.stripe_customer_id != customer.stripe_customer_id:
        stripe.delete_unused_customer(customer.stripe_customer_id)
    return added


def _add_claimed(
    claimed: Customer,
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    replacing: Customer | None,
) -> Customer:
    """Store an imported Customer. It is never deleted, and takes the place of an unused one."""
    try:
        added = customers.add(claimed, replacing=replacing)
        if added.stripe_customer_id != claimed.stripe_customer_id:
            # Another step has created one at the same moment.
            if stripe.delete_unused_customer(added.stripe_customer_id):
                return customers.add(claimed, replacing=added)
            stripe.link_customer(claimed.stripe_customer_id, None)
    except AccountErasedError:
        stripe.link_customer(claimed.stripe_customer_id, None)
        raise
    return added


def _find(
    user: User, unfinished: UnfinishedCustomer, *, stripe: "StripeGateway"
) -> Customer | None:
    """What an interrupted creation left at Stripe, if it did."""
    found = stripe.find_customer(user, newest=unfinished.key_generation > 1)
    if found is None or found == unfinished.replaces:
        return None
    return _customer(user, found, stripe=stripe)


def _create(
    user: User,
    unfinished: UnfinishedCustomer,
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    replacing: Customer | None,
) -> Customer:
    """Create the Customer; with its idempotency key, simultaneous requests create a single one.

    Where the key leads nowhere for the rest of the day, look for what it may have led to, and move
    on to the next one.
    """
    try:
        return _create_once(user, unfinished, stripe=stripe)
    except (FailureRememberedError, IdempotencyKeyReusedError) as error:
        unfinished = unfinished.after_a_failure()
        found = _find(user, unfinished, stripe=stripe)
        if found:
            return found
        row = customers.move_on(unfinished, replacing=replacing)
        if isinstance(row, Customer):
            return row
        if isinstance(error, IdempotencyKeyReusedError):
            # Another name or address came with this key today; that request may be under way.
            raise StripeUnavailableError from error
    try:
        return _create_once(user, row, stripe=stripe)
    except IdempotencyKeyReusedError as error:
        raise StripeUnavailableError from error


def _create_once(
    user: User, unfinished: UnfinishedCustomer, *, stripe: "StripeGateway"
) -> Customer:
    """Create the Customer, without an email address if Stripe does not take the person's."""
    # A name is checked when people sign up. Cognito lets them change it afterwards.
    user = replace(user, name=without_unseen(user.name))
    try:
        created = stripe.create_customer(user, unfinished)
    except PaymentRefusedError as error:
        if error.param != "email" or not user.email:
            raise
        user = replace(user, email="")
        created = stripe.create_customer(user, unfinished)
    return _customer(user, created, stripe=stripe)


def _customer(user: User, stripe_customer_id: str, *, stripe: "StripeGateway") -> Customer:
    return Customer(
        user_id=user.user_id,
        stripe_customer_id=stripe_customer_id,
        livemode=stripe.livemode,
        email=user.email,
        name=user.name,
        created_at=now(),
    )
