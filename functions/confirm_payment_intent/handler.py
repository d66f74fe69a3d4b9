"""POST /payments/{payment_id}/confirm: confirm a payment, or continue after 3-D Secure."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import ConfirmPaymentRequest, PaymentResponse
from payments.domain.actor import Actor
from payments.domain.client import Client
from payments.domain.customer import User
from payments.settings import settings
from payments.use_cases.confirm_payment_intent import confirm_payment_intent

app = App("POST", "/payments/{payment_id}/confirm")
recorder = partial(wiring.recorder, by="confirm")
wiring.prepare(recorder, wiring.payment_inputs, stripe=["payment_intents"])


@app.endpoint
def post_confirmation(
    payment_id: str, body: ConfirmPaymentRequest, user: User, client: Client
) -> PaymentResponse:
    payment, intent = confirm_payment_intent(
        payment_id,
        user=user,
        cvc_token=body.cvc_token,
        payment_method_id=body.payment_method_id,
        radar_session=body.radar_session,
        emails_receipts=settings().emails_receipts,
        inputs=wiring.payment_inputs(),
        recorder=recorder(actor=Actor.person(user.user_id), client=client),
    )
    return PaymentResponse.of(payment, intent)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
