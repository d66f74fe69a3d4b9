"""POST /payments: start a payment for one product."""

from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import Header, create_app, current_user
from payments.api.bodies import CreatePaymentRequest, PaymentResponse
from payments.settings import settings
from payments.use_cases.create_payment_intent import create_payment_intent

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.checkouts, wiring.payments)


@app.post("/payments", **contract.create_payment_intent())
def post_payment(
    body: CreatePaymentRequest,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=255)],
) -> tuple[PaymentResponse, int]:
    payment, intent = create_payment_intent(
        body.to_order(),
        user=current_user(app),
        idempotency_key=idempotency_key,
        default_currency=settings().default_currency,
        stripe=wiring.stripe_gateway(),
        checkouts=wiring.checkouts(),
        payments=wiring.payments(),
    )
    return PaymentResponse.of(payment, intent), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
