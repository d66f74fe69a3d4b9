"""GET /merchant/orders: the orders that the merchant looks for, newest first."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.orders import MerchantOrderListResponse, SearchOrdersQuery
from payments.domain.actor import Actor
from payments.settings import settings
from payments.use_cases.list_orders import list_orders

app = App("GET", "/merchant/orders")
wiring.prepare(wiring.orders)


@app.endpoint
def get_orders(
    query: SearchOrdersQuery,
    caller: Actor,  # noqa: ARG001 - nobody gets here without the merchant's authorizer
) -> MerchantOrderListResponse:
    page = list_orders(
        query.to_search(livemode=settings().livemode),
        limit=query.limit,
        cursor=query.cursor,
        orders=wiring.orders(),
    )
    return MerchantOrderListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
