"""GET /payment-methods: the person's saved cards."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.cards import ListPaymentMethodsQuery, PaymentMethodListResponse
from payments.domain.customer import User
from payments.use_cases.list_payment_methods import list_payment_methods

app = App("GET", "/payment-methods")
wiring.prepare(wiring.customers, wiring.imports, stripe=["customers.payment_methods"])


@app.endpoint
def get_payment_methods(query: ListPaymentMethodsQuery, user: User) -> PaymentMethodListResponse:
    page = list_payment_methods(
        user=user,
        limit=query.limit,
        cursor=query.cursor,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        imports=wiring.imports(),
    )
    return PaymentMethodListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
