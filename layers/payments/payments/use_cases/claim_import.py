"""Claim import: a Stripe Customer from before Till becomes the person's with its address."""

from typing import TYPE_CHECKING

from payments.domain.clock import now
from payments.domain.customer import Customer, UnfinishedCustomer, User
from payments.domain.errors import CustomerMissingError

if TYPE_CHECKING:
    from payments.domain.customer_import import StripeCustomer
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def claim_import(
    user: User,
    unfinished: UnfinishedCustomer,
    *,
    stripe: "StripeGateway",
    imports: "ImportsRepository | None",
) -> Customer | None:
    """The imported Customer that is the person's from now on, or None if none waits for them.

    It is theirs by an address that they have proved to have. `imports` is None where people do
    not prove it. What Till created for them earlier is deleted first; if it was used, it stays
    theirs, and the imported one waits on. Repeated, it does the same again.
    """
    if imports is None or not user.email_verified or not user.email:
        return None
    waiting = imports.find(user.email)
    if waiting is None or not waiting.may_be_claimed(user, livemode=stripe.livemode):
        return None
    try:
        found = stripe.find_importable_customer(waiting.stripe_customer_id)
        if (
            found is None
            or not found.may_become(user)
            or not _is_only_one(found, user, unfinished, stripe=stripe)
            or not imports.claim(waiting, user_id=user.user_id, at=now())
        ):
            return None
        stripe.link_customer(found.stripe_customer_id, user.user_id)
    except CustomerMissingError:  # deleted meanwhile, or of another account
        return None
    return Customer(
        user_id=user.user_id,
        stripe_customer_id=found.stripe_customer_id,
        livemode=stripe.livemode,
        email=found.email,
        name=found.name,
        created_at=now(),
    )


def _is_only_one(
    imported: "StripeCustomer",
    user: User,
    unfinished: UnfinishedCustomer,
    *,
    stripe: "StripeGateway",
) -> bool:
    """Whether the person has no other Customer, after unused ones were deleted."""
    own = {imported.stripe_customer_id, unfinished.replaces}
    others = sorted(stripe.find_all_customers(user) - own)
    return all(stripe.delete_unused_customer(other) for other in others)
