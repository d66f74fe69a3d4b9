"""GET /payments: the person's payments, newest first."""

from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import Query, create_app, current_user
from payments.api.bodies import PaymentListResponse
from payments.use_cases.list_payments import list_payments

app = create_app()
wiring.prepare(wiring.payments)


@app.get("/payments", **contract.list_payments())
def get_payments(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> PaymentListResponse:
    page = list_payments(
        user=current_user(app), limit=limit, cursor=cursor, payments=wiring.payments()
    )
    return PaymentListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
