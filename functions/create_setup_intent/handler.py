"""POST /setup-intents: start saving a card."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.cards import CreateSetupIntentRequest, SetupIntentResponse
from payments.domain.client import Client
from payments.domain.customer import User
from payments.use_cases.create_setup_intent import create_setup_intent

app = App("POST", "/setup-intents")
wiring.prepare(wiring.customers, wiring.imports, wiring.guard, stripe=["setup_intents"])


@app.endpoint
def post_setup_intent(
    body: CreateSetupIntentRequest, user: User, client: Client
) -> tuple[SetupIntentResponse, int]:
    intent = create_setup_intent(
        body.usage,
        consent_text=body.consent_text,
        user=user,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        guard=wiring.guard(client),
        imports=wiring.imports(),
    )
    return SetupIntentResponse.of(intent), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
