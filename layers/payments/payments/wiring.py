"""The composition root: each collaborator, made once per process from the settings.

A collaborator's module is imported only when it is made, so a function loads what its own step
needs and nothing else.
"""

# ruff: noqa: PLC0415

import gc
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from payments import deadline
from payments.settings import settings

if TYPE_CHECKING:
    from payments.aws.client import AwsClient
    from payments.aws.event_bus import EventBus
    from payments.aws.pool_tokens import PoolTokens
    from payments.aws.unpublished_queue import UnpublishedQueue
    from payments.aws.user_pool import PoolAdministration, UserPool
    from payments.domain.actor import Actor
    from payments.domain.client import Client
    from payments.guard import Guard
    from payments.recorder import Recorder
    from payments.repositories.bookmarks import BookmarksRepository
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.repositories.limits import LimitsRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payment_changes import PaymentChangesRepository
    from payments.repositories.payment_inputs import PaymentInputsRepository
    from payments.repositories.payment_search import PaymentSearchRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.repositories.products import ProductsRepository
    from payments.repositories.refunds import RefundsRepository
    from payments.stripe_gateway.gateway import StripeGateway

# API Gateway is waiting already.
_CONNECTING_SECONDS = 1


def prepare(*collaborators: Callable[[], object], stripe: Sequence[str] = ()) -> None:
    """Make these, load these Stripe services, and connect, while Lambda starts the function.

    The start has a whole CPU core; a request gets only the share that its memory buys. Outside of
    Lambda everything is made on first use, so a handler can be imported without a stack.
    """
    if "LAMBDA_TASK_ROOT" not in os.environ:
        return
    for make in collaborators:
        make()
    if stripe:
        stripe_gateway().load(*stripe)
    # Not to the user pool: a sign-up takes a connection of its own, see AwsClient.
    with deadline.start(_CONNECTING_SECONDS):
        for client in (_dynamodb, stripe_gateway):
            if client.cache_info().currsize:
                client().open()
    gc.freeze()  # what is loaded is never garbage
    gc.enable()


@cache
def _dynamodb() -> "AwsClient":
    from payments.repositories.dynamodb import dynamodb_client

    return dynamodb_client()


@cache
def stripe_gateway() -> "StripeGateway":
    """Stripe, with the key of this stack."""
    from payments.aws.stripe_secret import StripeSecret
    from payments.stripe_gateway.gateway import StripeGateway

    return StripeGateway(
        StripeSecret(settings().stripe_key_secret_id, settings().stripe_webhook_secret_id),
        mode=settings().stripe_mode,
        api_base=settings().stripe_api_base,
        service=settings().service,
        stack=settings().stack,
    )


@cache
def user_pool() -> "UserPool":
    """The user pool of this stack."""
    from payments.aws.user_pool import UserPool, cognito_client

    return UserPool(cognito_client(), settings().user_pool_client_id)


@cache
def pool_administration(user_pool_id: str | None = None) -> "PoolAdministration":
    """The people in the user pool of this stack.

    A trigger's environment cannot name the pool, which names the trigger: the event does.
    """
    from payments.aws.user_pool import PoolAdministration, cognito_admin_client

    return PoolAdministration(cognito_admin_client(), user_pool_id or settings().user_pool_id)


@cache
def pool_tokens() -> "PoolTokens":
    """The tokens that the user pool of this stack has signed."""
    from payments.aws.pool_tokens import PoolTokens

    return PoolTokens(
        settings().user_pool_id, settings().user_pool_client_id, settings().scope_prefix
    )


@cache
def customers() -> "CustomersRepository":
    """The Customers table."""
    from payments.repositories.customers import CustomersRepository

    return CustomersRepository(_dynamodb(), settings().customers_table)


@cache
def imports() -> "ImportsRepository | None":
    """The Imports table; None where people do not prove that an address is theirs."""
    table = settings().imports_table
    if table is None:
        return None
    from payments.repositories.imports import ImportsRepository

    return ImportsRepository(_dynamodb(), table)


@cache
def products() -> "ProductsRepository":
    """The Products table."""
    from payments.repositories.products import ProductsRepository

    return ProductsRepository(_dynamodb(), settings().products_table)


@cache
def payments() -> "PaymentsRepository":
    """The Payments table."""
    from payments.repositories.payments import PaymentsRepository

    return PaymentsRepository(
        _dynamodb(), settings().payments_table, orders=settings().orders_table
    )


@cache
def orders() -> "OrdersRepository":
    """The Orders table."""
    from payments.repositories.orders import OrdersRepository

    return OrdersRepository(_dynamodb(), settings().orders_table, payments=payments())


@cache
def refunds() -> "RefundsRepository":
    """The Refunds table."""
    from payments.repositories.refunds import RefundsRepository

    return RefundsRepository(_dynamodb(), settings().refunds_table, payments=payments())


@cache
def payment_changes() -> "PaymentChangesRepository":
    """The Payments table, and what was written to it."""
    from payments.repositories.payment_changes import PaymentChangesRepository

    return PaymentChangesRepository(
        _dynamodb(), settings().payments_table, orders=settings().orders_table
    )


@cache
def payment_search() -> "PaymentSearchRepository":
    """The Payments table's indexes, for the merchant."""
    from payments.repositories.payment_search import PaymentSearchRepository

    return PaymentSearchRepository(_dynamodb(), settings().payments_table)


@cache
def payment_inputs() -> "PaymentInputsRepository":
    """The rows that a new payment depends on."""
    from payments.repositories.payment_inputs import PaymentInputsRepository

    return PaymentInputsRepository(
        _dynamodb(),
        customers=settings().customers_table,
        products=settings().products_table,
        payments=settings().payments_table,
        orders=settings().orders_table,
    )


@cache
def limits() -> "LimitsRepository":
    """The Limits table."""
    from payments.repositories.dynamodb import impatient_client
    from payments.repositories.limits import LimitsRepository

    return LimitsRepository(
        impatient_client(), settings().limits_table, payments_table=settings().payments_table
    )


@cache
def bookmarks() -> "BookmarksRepository":
    """The Bookmarks table."""
    from payments.repositories.bookmarks import BookmarksRepository

    return BookmarksRepository(_dynamodb(), settings().bookmarks_table)


@cache
def event_bus() -> "EventBus":
    """The bus of this stack."""
    from payments.aws.event_bus import EventBus, event_bridge_client

    return EventBus(event_bridge_client(), settings().event_bus, shop_url=settings().shop_url)


@cache
def unpublished_queue() -> "UnpublishedQueue":
    """The queue of what could not be published."""
    from payments.aws.unpublished_queue import UnpublishedQueue, sqs_client

    return UnpublishedQueue(sqs_client(), settings().unpublished_queue_url)


def guard(client: "Client | None" = None) -> "Guard":
    """The guard against who tries too often, for a request of this client."""
    from payments.domain.client import NOBODY
    from payments.guard import Guard

    return Guard(settings().limits, limits(), client or NOBODY)


def recorder(
    *, by: str, actor: "Actor | None" = None, client: "Client | None" = None
) -> "Recorder":
    """This step's recorder; `by` is the step's name in the history of payments.

    `actor` is who asked for the step. Without one it is the step itself, as with `webhook`.
    """
    from payments.recorder import Recorder

    return Recorder(
        by=by,
        actor=str(actor or by),
        stripe=stripe_gateway(),
        payments=payments(),
        customers=customers(),
        orders=orders(),
        rows_may_be_lost=settings().rows_may_be_lost,
        guard=guard(client),
    )
