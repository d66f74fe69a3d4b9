"""GET /orders/{order_id}: what the person is to pay."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import OrderResponse
from payments.domain.customer import User
from payments.settings import settings
from payments.use_cases.get_order import get_order

app = App("GET", "/orders/{order_id}")
wiring.prepare(wiring.customers, wiring.orders)


@app.endpoint
def get_one_order(order_id: str, user: User) -> OrderResponse:
    order = get_order(
        order_id,
        user=user,
        livemode=settings().livemode,
        customers=wiring.customers(),
        orders=wiring.orders(),
    )
    return OrderResponse.model_validate(order)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
