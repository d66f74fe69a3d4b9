"""Small functions, to test what all functions have in common."""

from collections.abc import Callable
from typing import Annotated, cast

from pydantic import BaseModel, Field, SecretStr

from payments.api.app import App
from payments.api.bodies.models import QueryModel, RequestModel
from payments.api.bodies.payments import IdempotencyKeyHeaders
from payments.domain.customer import User
from payments.domain.limits import Limits
from payments.settings import Settings

ALLOWED_ORIGIN = "https://shop.example.com"
MAX_BODY_BYTES = 1000


class Item(RequestModel):
    """Part of an order."""

    sku: str


class OrderRequest(RequestModel):
    """`POST /orders`"""

    name: str
    quantity: Annotated[int, Field(ge=1)] = 1
    item: Item | None = None
    password: SecretStr | None = None


class OrderResponse(BaseModel):
    """The order, and the person."""

    name: str
    quantity: int
    user_id: str


class ListOrdersQuery(QueryModel):
    """`GET /orders`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20


def create_order_app(act: Callable[[], object] = lambda: None) -> App:
    """`POST /orders`; `act` is the use case."""
    app = App("POST", "/orders")

    @app.endpoint
    def post_order(
        headers: IdempotencyKeyHeaders, body: OrderRequest, user: User
    ) -> tuple[OrderResponse, int]:
        assert headers.idempotency_key
        act()
        return OrderResponse(name=body.name, quantity=body.quantity, user_id=user.user_id), 201

    return app


def list_orders_app() -> App:
    """`GET /orders`"""
    app = App("GET", "/orders")

    @app.endpoint
    def get_orders(query: ListOrdersQuery, user: User) -> OrderResponse:
        return OrderResponse(name="all", quantity=query.limit, user_id=user.user_id)

    return app


def get_order_app() -> App:
    """`GET /orders/{order_id}`"""
    app = App("GET", "/orders/{order_id}")

    @app.endpoint
    def get_order(order_id: str, user: User) -> OrderResponse:
        return OrderResponse(name=order_id, quantity=1, user_id=user.user_id)

    return app


def delete_order_app(act: Callable[[], None] = lambda: None) -> App:
    """`DELETE /orders/{order_id}`, which has nothing to answer; `act` is the use case."""
    app = App("DELETE", "/orders/{order_id}")

    @app.endpoint
    def delete_order(order_id: str, user: User) -> None:
        assert order_id
        assert user
        act()

    return app


def public_app(answer: Callable[[], str]) -> App:
    """`GET /orders`, which anyone may keep for a while."""
    app = App("GET", "/orders", public_for_seconds=60)

    @app.endpoint
    def get_orders() -> OrderResponse:
        return OrderResponse(name=answer(), quantity=1, user_id="")

    return app


def get_payment_app() -> App:
    """`GET /payments/{payment_id}`"""
    app = App("GET", "/payments/{payment_id}")

    @app.endpoint
    def get_payment(payment_id: str, user: User) -> OrderResponse:
        return OrderResponse(name=payment_id, quantity=1, user_id=user.user_id)

    return app


def broken_app(answer: object = "no model") -> App:
    """`GET /broken`, which does not return the type that it declares."""
    app = App("GET", "/broken")

    @app.endpoint
    def get_broken() -> OrderResponse:
        return cast("OrderResponse", answer)

    return app


def orders_settings(
    *, allowed_origin: str = ALLOWED_ORIGIN, max_body_bytes: int = MAX_BODY_BYTES
) -> Settings:
    """The function's environment."""
    return Settings(
        service="orders",
        stack="till",
        customers_table="customers",
        payments_table="payments",
        products_table="products",
        orders_table="orders",
        refunds_table="refunds",
        bookmarks_table="bookmarks",
        imports_table=None,
        limits_table="limits",
        event_bus="bus",
        unpublished_queue_url="queue",
        stripe_mode="test",
        stripe_key_secret_id="stripe-key",
        stripe_webhook_secret_id=None,
        stripe_api_base=None,
        stripe_requests_per_second=25,
        user_pool_id="pool",
        user_pool_client_id="client",
        scope_prefix="till",
        unconfirmed_after_days=7,
        tells_existing_address=True,
        erase_after_days=14,
        shop_url="",
        allowed_origin=allowed_origin,
        origin_secret="",
        max_body_bytes=max_body_bytes,
        default_currency="eur",
        emails_receipts=False,
        limits=Limits(),
        rows_may_be_lost=False,
        reconcile_after_minutes=5,
        abandon_after_hours=24,
    )
