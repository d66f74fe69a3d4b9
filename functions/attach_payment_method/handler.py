"""POST /payment-methods: save a card for the person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.cards import AttachPaymentMethodRequest, PaymentMethodResponse
from payments.domain.client import Client
from payments.domain.customer import User
from payments.use_cases.attach_payment_method import attach_payment_method
from payments.use_cases.attach_set_up_card import attach_set_up_card

app = App("POST", "/payment-methods")
wiring.prepare(
    wiring.customers,
    wiring.imports,
    wiring.payments,
    wiring.guard,
    stripe=["payment_methods", "setup_intents"],
)


@app.endpoint
def post_payment_method(
    body: AttachPaymentMethodRequest, user: User, client: Client
) -> tuple[PaymentMethodResponse, int]:
    collaborators: dict[str, Any] = {
        "stripe": wiring.stripe_gateway(),
        "customers": wiring.customers(),
        "payments": wiring.payments(),
        "guard": wiring.guard(client),
    }
    if body.payment_method_id:
        card, new = attach_payment_method(
            body.payment_method_id, user=user, imports=wiring.imports(), **collaborators
        )
    else:
        card, new = attach_set_up_card(str(body.setup_intent_id), user=user, **collaborators)
    return PaymentMethodResponse.of(card), 201 if new else 200


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
