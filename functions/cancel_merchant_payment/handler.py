"""POST /merchant/payments/{payment_id}/cancel: cancel a payment that nothing was taken for."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import MerchantPaymentDetailsResponse
from payments.api.bodies.refunds import CancelPaymentRequest
from payments.domain.actor import Actor
from payments.use_cases.cancel_merchant_payment import cancel_merchant_payment

app = App("POST", "/merchant/payments/{payment_id}/cancel")
recorder = partial(wiring.recorder, by="cancel")
wiring.prepare(recorder, stripe=["payment_intents"])


@app.endpoint
def post_cancellation(
    payment_id: str,
    body: CancelPaymentRequest,  # noqa: ARG001 - a body that says something is refused
    caller: Actor,
) -> MerchantPaymentDetailsResponse:
    payment = cancel_merchant_payment(payment_id, recorder=recorder(actor=caller))
    return MerchantPaymentDetailsResponse.model_validate(payment)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
