"""GET /account: the person, as the user pool knows them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.account import AccountResponse
from payments.domain.customer import User
from payments.settings import settings
from payments.use_cases.get_account import get_account

app = App("GET", "/account")
wiring.prepare(wiring.pool_administration, wiring.customers, wiring.payments, stripe=["customers"])


@app.endpoint
def get_own_account(user: User) -> AccountResponse:
    account = get_account(
        user=user,
        erase_after_days=settings().erase_after_days,
        pool=wiring.pool_administration(),
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        payments=wiring.payments(),
    )
    return AccountResponse.of(account)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
