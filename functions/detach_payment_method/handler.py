"""DELETE /payment-methods/{payment_method_id}: remove one of the person's cards."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.domain.customer import User
from payments.use_cases.detach_payment_method import detach_payment_method

app = App("DELETE", "/payment-methods/{payment_method_id}")
wiring.prepare(
    wiring.customers, wiring.payments, stripe=["customers.payment_methods", "payment_methods"]
)


@app.endpoint
def delete_payment_method(payment_method_id: str, user: User) -> None:
    detach_payment_method(
        payment_method_id,
        user=user,
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        payments=wiring.payments(),
    )


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
