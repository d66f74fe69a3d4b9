"""PATCH /account: change the person's name or phone number."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.account import AccountResponse, UpdateAccountRequest
from payments.domain.customer import User
from payments.use_cases.update_account import update_account

app = App("PATCH", "/account")
wiring.prepare(wiring.pool_administration, wiring.customers, stripe=["customers"])


@app.endpoint
def patch_account(body: UpdateAccountRequest, user: User) -> AccountResponse:
    account = update_account(
        body.to_attributes(),
        user=user,
        pool=wiring.pool_administration(),
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
    )
    return AccountResponse.of(account)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
