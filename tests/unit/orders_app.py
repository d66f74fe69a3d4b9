"""A small function made with create_app(), to try out what all functions have in common."""

from collections.abc import Callable
from typing import Annotated, cast

from pydantic import BaseModel, Field, SecretStr

from payments.api.app import App, Header, Query, create_app, current_user
from payments.api.bodies import RequestModel
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
    """The order, and for whom it is."""

    name: str
    quantity: int
    user_id: str


def orders_app(act: Callable[[], object] = lambda: None) -> App:
    """The function; `act` is its use case."""
    app = create_app()

    @app.post("/orders")
    def post_order(
        body: OrderRequest,
        idempotency_key: Annotated[str, Header(min_length=8, max_length=255)],
    ) -> tuple[OrderResponse, int]:
        assert idempotency_key
        act()
        user = current_user(app)
        return OrderResponse(name=body.name, quantity=body.quantity, user_id=user.user_id), 201

    @app.get("/orders")
    def get_orders(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> OrderResponse:
        return OrderResponse(name="all", quantity=limit, user_id=current_user(app).user_id)

    @app.get("/broken")
    def get_broken() -> OrderResponse:
        return cast("OrderResponse", {"name": "no number of orders"})

    return app


def orders_settings(
    *, allowed_origin: str = ALLOWED_ORIGIN, max_body_bytes: int = MAX_BODY_BYTES
) -> Settings:
    """The function's environment."""
    return Settings(
        service="orders",
        users_table="users",
        payments_table="payments",
        products_table="products",
        bookmarks_table="bookmarks",
        event_bus="bus",
        stripe_secret_id="stripe",
        stripe_api_base=None,
        user_pool_client_id="client",
        allowed_origin=allowed_origin,
        max_body_bytes=max_body_bytes,
        default_currency="eur",
        reconcile_after_minutes=5,
        abandon_after_hours=24,
    )
