"""GET /merchant/orders/{order_id}: one order."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import MerchantOrderResponse
from payments.domain.actor import Actor
from payments.settings import settings
from payments.use_cases.get_merchant_order import get_merchant_order

app = App("GET", "/merchant/orders/{order_id}")
wiring.prepare(wiring.orders)


@app.endpoint
def get_one_order(
    order_id: str,
    caller: Actor,  # noqa: ARG001 - nobody gets here without the merchant's authorizer
) -> MerchantOrderResponse:
    order = get_merchant_order(order_id, livemode=settings().livemode, orders=wiring.orders())
    return MerchantOrderResponse.model_validate(order)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
