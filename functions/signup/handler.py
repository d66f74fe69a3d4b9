"""POST /signup: register a person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.signup import SignupRequest, SignupResponse
from payments.domain.client import Client
from payments.settings import settings
from payments.use_cases.signup import signup

app = App("POST", "/signup")
wiring.prepare(
    wiring.user_pool,
    wiring.pool_administration,
    wiring.customers,
    wiring.imports,
    wiring.guard,
    stripe=["customers"],
)


@app.endpoint
def post_signup(body: SignupRequest, client: Client) -> tuple[SignupResponse, int]:
    signed_up = signup(
        body.to_registration(),
        user_pool=wiring.user_pool(),
        pool=wiring.pool_administration(),
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        guard=wiring.guard(client),
        imports=wiring.imports(),
        tells_existing=settings().tells_existing_address,
    )
    response = SignupResponse(
        user_id=signed_up.user.user_id,
        email=signed_up.user.email,
        confirmation_required=signed_up.confirmation_required,
    )
    return response, 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
