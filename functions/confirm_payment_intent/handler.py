"""POST /payments/{payment_id}/confirm: confirm a payment, or go on after 3-D Secure."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import create_app, current_user
from payments.api.bodies import ConfirmPaymentRequest, PaymentResponse
from payments.use_cases.confirm_payment_intent import confirm_payment_intent

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.payments)


@app.post("/payments/<payment_id>/confirm", **contract.confirm_payment_intent())
def post_confirmation(payment_id: str, body: ConfirmPaymentRequest) -> PaymentResponse:
    payment, intent = confirm_payment_intent(
        payment_id,
        user=current_user(app),
        cvc_token=body.cvc_token,
        payment_method_id=body.payment_method_id,
        stripe=wiring.stripe_gateway(),
        payments=wiring.payments(),
    )
    return PaymentResponse.of(payment, intent)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
