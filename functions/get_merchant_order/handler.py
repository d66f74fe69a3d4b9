"""GET /merchant/orders/{order_id}: one order."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import MerchantOrderAndPersonResponse
from payments.domain.actor import Actor
from payments.settings import settings
from payments.use_cases.find_email_for_staff import find_email_for_staff
from payments.use_cases.get_merchant_order import get_merchant_order

app = App("GET", "/merchant/orders/{order_id}")
wiring.prepare(wiring.orders, wiring.customers)


@app.endpoint
def get_one_order(order_id: str, caller: Actor) -> MerchantOrderAndPersonResponse:
    order = get_merchant_order(order_id, livemode=settings().livemode, orders=wiring.orders())
    email = find_email_for_staff(order.user_id, caller, customers=wiring.customers())
    return MerchantOrderAndPersonResponse.of(order, email)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
