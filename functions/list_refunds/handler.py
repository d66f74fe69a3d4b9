"""GET /merchant/payments/{payment_id}/refunds: all of a payment's, whoever made them."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import ListPaymentsQuery
from payments.api.bodies.refunds import RefundListResponse
from payments.domain.actor import Actor
from payments.use_cases.list_refunds import list_refunds

app = App("GET", "/merchant/payments/{payment_id}/refunds")
recorder = partial(wiring.recorder, by="get")
wiring.prepare(recorder, wiring.refunds, stripe=["payment_intents"])


@app.endpoint
def get_refunds(payment_id: str, query: ListPaymentsQuery, caller: Actor) -> RefundListResponse:
    page = list_refunds(
        payment_id,
        limit=query.limit,
        cursor=query.cursor,
        refunds=wiring.refunds(),
        recorder=recorder(actor=caller),
    )
    return RefundListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
