"""Sign up: a person becomes a Cognito user, a Stripe Customer, and the row that joins them."""

from typing import TYPE_CHECKING
from uuid import uuid4

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.customer import Registration, SignedUp, User
from payments.domain.errors import PaymentsError, RateLimitedError, UserExistsError
from payments.use_cases.ensure_customer import ensure_customer
from payments.use_cases.remove_unconfirmed_user import remove_unconfirmed_user

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration, UserPool
    from payments.guard import Guard
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)

# Nobody needs a Customer to be signed up.
_CUSTOMER_SECONDS = 4


def signup(
    registration: Registration,
    *,
    user_pool: "UserPool",
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    guard: "Guard",
    imports: "ImportsRepository | None" = None,
    tells_existing: bool = True,
) -> SignedUp:
    """Register a person. Whoever never confirmed this address does not keep it from them.

    Where `tells_existing` is false, a sign-up with a registered address is answered like any other,
    and the address's owner gets an email with a code for a new password.

    Once the user exists, they are signed up. If their Customer cannot be created within a few
    seconds, the first step after login creates it. If an imported one waits for the address, that
    step claims it: only then have they proved that the address is theirs.

    Raises:
        UserExistsError: the address is registered, and `tells_existing`.
        PasswordRejectedError, ValidationError: the pool refused.
        RateLimitedError: somebody signs up with this address at this moment.
        TooManyAttemptsError: too many have signed up from the same network.
    """
    guard.admit_sign_up()
    try:
        signed_up = _user_of(
            registration, user_pool=user_pool, pool=pool, stripe=stripe, customers=customers
        )
    except UserExistsError:
        if tells_existing:
            raise
        return _as_if_new(registration, user_pool)
    logs.note(user_id=signed_up.user.user_id)
    try:
        with stripe.within(_CUSTOMER_SECONDS):
            if not _is_awaited(signed_up.user, imports):
                ensure_customer(
                    signed_up.user, stripe=stripe, customers=customers, signed_up_now=True
                )
    except PaymentsError as error:
        logger.warning("customer left for a later step", extra={"error": type(error).__name__})
    return signed_up


def _user_of(
    registration: Registration,
    *,
    user_pool: "UserPool",
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> SignedUp:
    """The new user; whoever had the address and never confirmed it is removed first."""
    try:
        return user_pool.sign_up(registration)
    except UserExistsError:
        earlier = pool.find_unconfirmed(registration.email)
        if earlier is None:
            raise
        with stripe.within(_CUSTOMER_SECONDS):
            removed = remove_unconfirmed_user(
                earlier, pool=pool, stripe=stripe, customers=customers
            )
        if not removed:  # they have confirmed it meanwhile
            raise
        return _sign_up_again(registration, user_pool)


def _as_if_new(registration: Registration, user_pool: "UserPool") -> SignedUp:
    """What whoever signs up with a registered address is told: the same as anybody."""
    try:
        user_pool.send_reset_code(registration.email)
    except PaymentsError as error:
        logger.warning("owner of an address not told", extra={"error": type(error).__name__})
    user = User(user_id=str(uuid4()), email=registration.email, name=registration.name)
    return SignedUp(user=user, confirmation_required=True)


def _is_awaited(user: User, imports: "ImportsRepository | None") -> bool:
    waiting = imports.find(user.email) if imports else None
    return waiting is not None and waiting.claimed_by is None


def _sign_up_again(registration: Registration, user_pool: "UserPool") -> SignedUp:
    try:
        return user_pool.sign_up(registration)
    except UserExistsError:
        raise RateLimitedError from None
