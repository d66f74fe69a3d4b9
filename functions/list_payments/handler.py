"""GET /payments: the person's payments, newest first."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import ListPaymentsQuery, PaymentListResponse
from payments.domain.customer import User
from payments.use_cases.list_payments import list_payments

app = App("GET", "/payments")
wiring.prepare(wiring.customers, wiring.payments)


@app.endpoint
def get_payments(query: ListPaymentsQuery, user: User) -> PaymentListResponse:
    page = list_payments(
        user=user,
        limit=query.limit,
        cursor=query.cursor,
        customers=wiring.customers(),
        payments=wiring.payments(),
    )
    return PaymentListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
