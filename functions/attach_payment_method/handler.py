"""POST /payment-methods: save a card for the person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import create_app, current_user
from payments.api.bodies import AttachPaymentMethodRequest, PaymentMethodResponse
from payments.use_cases.attach_payment_method import attach_payment_method

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.customers)


@app.post("/payment-methods", **contract.attach_payment_method())
def post_payment_method(body: AttachPaymentMethodRequest) -> tuple[PaymentMethodResponse, int]:
    payment_method, new = attach_payment_method(
        body.payment_method_id,
        user=current_user(app),
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
    )
    return PaymentMethodResponse.of(payment_method), 201 if new else 200


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
