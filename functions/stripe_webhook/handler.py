"""POST /stripe/webhook: a signed event from Stripe, or one delivered by EventBridge."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, logs, wiring
from payments.api.app import App
from payments.api.bodies.webhook import EventResponse, StripeSignatureHeaders
from payments.domain.errors import (
    InvalidSignatureError,
    PaymentsError,
    ServiceUnavailableError,
    StripeRejectedError,
)
from payments.domain.stripe_event import StripeEvent
from payments.metrics import count_rare
from payments.use_cases.stripe_webhook import stripe_webhook

app = App("POST", "/stripe/webhook")
recorder = partial(wiring.recorder, by="webhook")
wiring.prepare(recorder, stripe=["payment_intents"])
logger = Logger(child=True)


@app.endpoint
def post_event(headers: StripeSignatureHeaders, raw_body: bytes) -> EventResponse:
    try:
        event = wiring.stripe_gateway().verified_event(raw_body, headers.stripe_signature)
    except InvalidSignatureError:
        count_rare("Webhook_signatures_refused")
        raise
    try:
        return EventResponse(outcome=process(event))
    except StripeRejectedError as error:
        logger.exception("stripe rejected", extra={"reason": error.reason})
        raise ServiceUnavailableError from error
    except PaymentsError as error:
        raise ServiceUnavailableError from error  # so that Stripe sends it again


def process(event: StripeEvent) -> str:
    logs.note(event_id=event.event_id, event_type=event.type, caused_by=event.caused_by)
    outcome = stripe_webhook(event, recorder())
    logger.info("stripe event", extra={"outcome": outcome})
    with single_metric(name="StripeEvents", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension("outcome", outcome)
    return outcome


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if str(event.get("source")).startswith("aws.partner/stripe.com"):
        # If this raises, Lambda tries the event again.
        detail = event.get("detail")
        with deadline.of_invocation(context), logs.about(correlation_id=event.get("id")):
            return {"outcome": process(wiring.stripe_gateway().event_from_eventbridge(detail))}
    return app.resolve(event, context)
