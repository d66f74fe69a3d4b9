"""POST /payments/{payment_id}/cancel: the person cancels a payment that they have not finished."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import PaymentResponse
from payments.domain.actor import Actor
from payments.domain.customer import User
from payments.use_cases.cancel_payment import cancel_payment

app = App("POST", "/payments/{payment_id}/cancel")
recorder = partial(wiring.recorder, by="cancel")
wiring.prepare(recorder, wiring.payment_inputs, stripe=["payment_intents"])


@app.endpoint
def post_own_cancellation(payment_id: str, user: User) -> PaymentResponse:
    payment = cancel_payment(
        payment_id,
        user=user,
        inputs=wiring.payment_inputs(),
        recorder=recorder(actor=Actor.person(user.user_id)),
    )
    return PaymentResponse.of(payment)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
