"""POST /merchant/payments/{payment_id}/capture: take what is held, or a part of it."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import MerchantPaymentDetailsResponse
from payments.api.bodies.refunds import CapturePaymentRequest
from payments.domain.actor import Actor
from payments.use_cases.capture_payment import capture_payment

app = App("POST", "/merchant/payments/{payment_id}/capture")
recorder = partial(wiring.recorder, by="capture")
wiring.prepare(recorder, stripe=["payment_intents"])


@app.endpoint
def post_capture(
    payment_id: str, body: CapturePaymentRequest, caller: Actor
) -> MerchantPaymentDetailsResponse:
    payment = capture_payment(payment_id, amount=body.amount, recorder=recorder(actor=caller))
    return MerchantPaymentDetailsResponse.model_validate(payment)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
