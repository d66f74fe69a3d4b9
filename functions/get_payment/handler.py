"""GET /payments/{payment_id}: one payment, as Stripe sees it now."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import create_app, current_user
from payments.api.bodies import PaymentDetailsResponse
from payments.use_cases.get_payment import get_payment

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.payments)


@app.get("/payments/<payment_id>", **contract.get_payment())
def get_one_payment(payment_id: str) -> PaymentDetailsResponse:
    payment, intent = get_payment(
        payment_id,
        user=current_user(app),
        stripe=wiring.stripe_gateway(),
        payments=wiring.payments(),
    )
    return PaymentDetailsResponse.of(payment, intent)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
