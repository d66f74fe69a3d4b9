"""POST /merchant/payments/{payment_id}/refunds: give money back."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.payments import IdempotencyKeyHeaders
from payments.api.bodies.refunds import CreateRefundRequest, RefundResponse
from payments.domain.actor import Actor
from payments.use_cases.create_refund import create_refund

app = App("POST", "/merchant/payments/{payment_id}/refunds")
recorder = partial(wiring.recorder, by="refund")
wiring.prepare(recorder, wiring.refunds, stripe=["payment_intents", "refunds"])


@app.endpoint
def post_refund(
    payment_id: str, headers: IdempotencyKeyHeaders, body: CreateRefundRequest, caller: Actor
) -> tuple[RefundResponse, int]:
    refund = create_refund(
        payment_id,
        body.to_wish(),
        idempotency_key=headers.idempotency_key,
        refunds=wiring.refunds(),
        recorder=recorder(actor=caller),
    )
    return RefundResponse.model_validate(refund), 201


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
