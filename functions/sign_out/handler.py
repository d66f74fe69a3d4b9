"""POST /sign-out: log the person out on all devices."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.account import SignOutResponse
from payments.domain.customer import User
from payments.use_cases.sign_out import sign_out

app = App("POST", "/sign-out")
wiring.prepare(wiring.pool_administration, wiring.customers)


@app.endpoint
def post_sign_out(user: User) -> SignOutResponse:
    signed_out_at = sign_out(
        user=user, pool=wiring.pool_administration(), customers=wiring.customers()
    )
    return SignOutResponse(signed_out_at=signed_out_at)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
