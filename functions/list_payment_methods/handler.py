"""GET /payment-methods: the person's saved cards."""

from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import Query, create_app, current_user
from payments.api.bodies import PaymentMethodId, PaymentMethodListResponse
from payments.use_cases.list_payment_methods import list_payment_methods

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.customers)


@app.get("/payment-methods", **contract.list_payment_methods())
def get_payment_methods(
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    cursor: PaymentMethodId | None = None,
) -> PaymentMethodListResponse:
    page = list_payment_methods(
        user=current_user(app),
        limit=limit,
        cursor=cursor,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
    )
    return PaymentMethodListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
