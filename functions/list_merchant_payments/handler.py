"""GET /merchant/payments: the payments that the merchant looks for, newest first."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import MerchantPaymentListResponse, SearchPaymentsQuery
from payments.domain.actor import Actor
from payments.settings import settings
from payments.use_cases.list_merchant_payments import list_merchant_payments

app = App("GET", "/merchant/payments")
wiring.prepare(wiring.payment_search, wiring.pool_administration)


@app.endpoint
def get_payments(
    query: SearchPaymentsQuery,
    caller: Actor,  # noqa: ARG001 - nobody gets here without the merchant's authorizer
) -> MerchantPaymentListResponse:
    page = list_merchant_payments(
        query.to_search(livemode=settings().livemode),
        email=query.email,
        limit=query.limit,
        cursor=query.cursor,
        people=wiring.pool_administration(),
        payments=wiring.payment_search(),
    )
    return MerchantPaymentListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
