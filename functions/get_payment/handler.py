"""GET /payments/{payment_id}: one payment, as Stripe sees it now."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import PaymentDetailsResponse
from payments.domain.actor import Actor
from payments.domain.customer import User
from payments.use_cases.get_payment import get_payment

app = App("GET", "/payments/{payment_id}")
recorder = partial(wiring.recorder, by="get")
wiring.prepare(recorder, wiring.payment_inputs, stripe=["payment_intents"])


@app.endpoint
def get_one_payment(payment_id: str, user: User) -> PaymentDetailsResponse:
    payment, intent = get_payment(
        payment_id,
        user=user,
        inputs=wiring.payment_inputs(),
        recorder=recorder(actor=Actor.person(user.user_id)),
    )
    return PaymentDetailsResponse.of(payment, intent)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
