"""POST /merchant/payments: charge an order to its person's card while they are away."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.merchant_payments import (
    ChargeInAbsenceRequest,
    MerchantPaymentDetailsResponse,
)
from payments.api.bodies.payments import IdempotencyKeyHeaders
from payments.domain.actor import Actor
from payments.use_cases.charge_in_absence import charge_in_absence

app = App("POST", "/merchant/payments")
recorder = partial(wiring.recorder, by="charge_in_absence")
wiring.prepare(
    recorder,
    wiring.payment_inputs,
    wiring.orders,
    stripe=["payment_intents", "customers.payment_methods"],
)


@app.endpoint
def post_payment(
    headers: IdempotencyKeyHeaders, body: ChargeInAbsenceRequest, caller: Actor
) -> tuple[MerchantPaymentDetailsResponse, int]:
    payment = charge_in_absence(
        body.order_id,
        body.user_id,
        body.payment_method_id,
        caller=caller,
        idempotency_key=headers.idempotency_key,
        inputs=wiring.payment_inputs(),
        orders=wiring.orders(),
        recorder=recorder(actor=caller),
    )
    return MerchantPaymentDetailsResponse.model_validate(payment), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
