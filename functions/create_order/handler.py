"""POST /merchant/orders: make an order that one person is to pay."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import CreateOrderRequest, MerchantOrderResponse
from payments.api.bodies.payments import IdempotencyKeyHeaders
from payments.domain.actor import Actor
from payments.settings import settings
from payments.use_cases.create_order import create_order

app = App("POST", "/merchant/orders")
wiring.prepare(wiring.pool_administration, wiring.customers, wiring.orders)


@app.endpoint
def post_order(
    headers: IdempotencyKeyHeaders, body: CreateOrderRequest, caller: Actor
) -> tuple[MerchantOrderResponse, int]:
    order = create_order(
        body.to_order_request(),
        caller=caller,
        idempotency_key=headers.idempotency_key,
        livemode=settings().livemode,
        people=wiring.pool_administration(),
        customers=wiring.customers(),
        orders=wiring.orders(),
    )
    return MerchantOrderResponse.model_validate(order), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
