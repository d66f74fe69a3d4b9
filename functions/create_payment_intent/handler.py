"""POST /payments: start a payment for products of the catalogue, or for an order."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import (
    CreatePaymentRequest,
    IdempotencyKeyHeaders,
    PaymentResponse,
)
from payments.domain.actor import Actor
from payments.domain.client import Client
from payments.domain.customer import User
from payments.settings import settings
from payments.use_cases.create_payment_intent import create_payment_intent
from payments.use_cases.pay_order import pay_order

app = App("POST", "/payments")
recorder = partial(wiring.recorder, by="create")
wiring.prepare(recorder, wiring.payment_inputs, stripe=["payment_intents"])


@app.endpoint
def post_payment(
    headers: IdempotencyKeyHeaders, body: CreatePaymentRequest, user: User, client: Client
) -> tuple[PaymentResponse, int]:
    payer = recorder(actor=Actor.person(user.user_id), client=client)
    if body.order_id:
        payment, intent = pay_order(
            body.order_id,
            body.payment_method_id,
            user=user,
            idempotency_key=headers.idempotency_key,
            inputs=wiring.payment_inputs(),
            orders=wiring.orders(),
            recorder=payer,
        )
    else:
        payment, intent = create_payment_intent(
            body.to_purchase(),
            user=user,
            idempotency_key=headers.idempotency_key,
            default_currency=settings().default_currency,
            inputs=wiring.payment_inputs(),
            recorder=payer,
        )
    return PaymentResponse.of(payment, intent), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
