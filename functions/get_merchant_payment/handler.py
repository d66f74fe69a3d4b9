"""GET /merchant/payments/{payment_id}: one payment, as Stripe sees it now."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import MerchantPaymentAndPersonResponse
from payments.domain.actor import Actor
from payments.use_cases.find_email_for_staff import find_email_for_staff
from payments.use_cases.get_merchant_payment import get_merchant_payment

app = App("GET", "/merchant/payments/{payment_id}")
recorder = partial(wiring.recorder, by="get")
wiring.prepare(recorder, wiring.customers, stripe=["payment_intents"])


@app.endpoint
def get_one_payment(payment_id: str, caller: Actor) -> MerchantPaymentAndPersonResponse:
    payment = get_merchant_payment(payment_id, recorder=recorder(actor=caller))
    email = find_email_for_staff(payment.user_id, caller, customers=wiring.customers())
    return MerchantPaymentAndPersonResponse.of(payment, email)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
