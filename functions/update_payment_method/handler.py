"""PATCH /payment-methods/{payment_method_id}: change one of the person's cards."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.cards import PaymentMethodResponse, UpdatePaymentMethodRequest
from payments.domain.customer import User
from payments.use_cases.update_payment_method import update_payment_method

app = App("PATCH", "/payment-methods/{payment_method_id}")
wiring.prepare(
    wiring.customers, stripe=["customers.payment_methods", "payment_methods", "customers"]
)


@app.endpoint
def patch_payment_method(
    payment_method_id: str, body: UpdatePaymentMethodRequest, user: User
) -> PaymentMethodResponse:
    card = update_payment_method(
        payment_method_id,
        body.to_changes(),
        user=user,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
    )
    return PaymentMethodResponse.of(card)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
