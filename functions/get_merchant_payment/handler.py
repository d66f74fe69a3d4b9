"""GET /merchant/payments/{payment_id}: one payment, as Stripe sees it now."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import MerchantPaymentDetailsResponse
from payments.domain.actor import Actor
from payments.use_cases.get_merchant_payment import get_merchant_payment

app = App("GET", "/merchant/payments/{payment_id}")
recorder = partial(wiring.recorder, by="get")
wiring.prepare(recorder, stripe=["payment_intents"])


@app.endpoint
def get_one_payment(payment_id: str, caller: Actor) -> MerchantPaymentDetailsResponse:
    payment = get_merchant_payment(payment_id, recorder=recorder(actor=caller))
    return MerchantPaymentDetailsResponse.model_validate(payment)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
