"""POST /payment-methods: save a card for the person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies import AttachPaymentMethodRequest, PaymentMethodResponse
from payments.domain.customer import User
from payments.use_cases.attach_payment_method import attach_payment_method

app = App("POST", "/payment-methods")
wiring.prepare(wiring.customers, stripe=["payment_methods"])


@app.endpoint
def post_payment_method(
    body: AttachPaymentMethodRequest, user: User
) -> tuple[PaymentMethodResponse, int]:
    payment_method, new = attach_payment_method(
        body.payment_method_id,
        user=user,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
    )
    return PaymentMethodResponse.of(payment_method), 201 if new else 200


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
