"""The composition root: each collaborator, made once per process from the settings."""

from functools import cache

from payments.repositories.bookmarks import BookmarksRepository
from payments.repositories.checkout import CheckoutRepository
from payments.repositories.customers import CustomersRepository
from payments.repositories.dynamodb import dynamodb_client
from payments.repositories.event_bus import EventBus, event_bridge_client
from payments.repositories.payments import PaymentsRepository
from payments.repositories.products import ProductsRepository
from payments.repositories.stripe_secret import StripeSecret
from payments.repositories.user_pool import UserPool, cognito_client
from payments.settings import settings
from payments.stripe_gateway import StripeGateway
from payments.use_cases.stripe_webhook import Records

_dynamodb = cache(dynamodb_client)


@cache
def stripe_gateway() -> StripeGateway:
    """Stripe, with the key of this stack."""
    return StripeGateway(
        StripeSecret(settings().stripe_secret_id),
        api_base=settings().stripe_api_base,
        service=settings().service,
    )


@cache
def user_pool() -> UserPool:
    """The user pool of this stack."""
    return UserPool(cognito_client(), settings().user_pool_client_id)


@cache
def customers() -> CustomersRepository:
    """The Users table."""
    return CustomersRepository(_dynamodb(), settings().users_table)


@cache
def products() -> ProductsRepository:
    """The Products table."""
    return ProductsRepository(_dynamodb(), settings().products_table)


@cache
def payments() -> PaymentsRepository:
    """The Payments table."""
    return PaymentsRepository(_dynamodb(), settings().payments_table)


@cache
def checkouts() -> CheckoutRepository:
    """What a new payment is made of."""
    return CheckoutRepository(
        _dynamodb(),
        users=settings().users_table,
        products=settings().products_table,
        payments=settings().payments_table,
    )


@cache
def bookmarks() -> BookmarksRepository:
    """The Bookmarks table."""
    return BookmarksRepository(_dynamodb(), settings().bookmarks_table)


@cache
def event_bus() -> EventBus:
    """The bus of this stack."""
    return EventBus(event_bridge_client(), settings().event_bus)


def records(*, by: str) -> Records:
    """What Stripe's events are recorded in, by this step."""
    return Records(by=by, stripe=stripe_gateway(), payments=payments(), customers=customers())
