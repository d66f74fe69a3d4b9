"""POST /merchant/orders/{order_id}/cancel: nothing may be charged for it any more."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import CancelOrderRequest, MerchantOrderResponse
from payments.domain.actor import Actor
from payments.use_cases.cancel_order import cancel_order

app = App("POST", "/merchant/orders/{order_id}/cancel")
recorder = partial(wiring.recorder, by="cancel")
wiring.prepare(recorder, wiring.orders, stripe=["payment_intents"])


@app.endpoint
def post_cancellation(
    order_id: str,
    body: CancelOrderRequest,  # noqa: ARG001 - a body that says something is refused
    caller: Actor,
) -> MerchantOrderResponse:
    order = cancel_order(order_id, orders=wiring.orders(), recorder=recorder(actor=caller))
    return MerchantOrderResponse.model_validate(order)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
