"""POST /stripe/webhook: an event of Stripe's, signed; or by EventBridge, which AWS vouches for."""

from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api import contract
from payments.api.app import Header, create_app, raw_body
from payments.api.bodies import EventResponse
from payments.domain.errors import PaymentsError, ServiceUnavailableError
from payments.domain.stripe_event import Event
from payments.stripe_gateway.objects import event_of
from payments.use_cases.stripe_webhook import stripe_webhook

app = create_app()
wiring.prepare(wiring.stripe_gateway, wiring.payments, wiring.customers)
logger = Logger(child=True)


@app.post("/stripe/webhook", **contract.stripe_webhook())
def post_event(stripe_signature: Annotated[str, Header()] = "") -> EventResponse:
    event = wiring.stripe_gateway().verified_event(raw_body(app), stripe_signature)
    try:
        return EventResponse(outcome=process(event))
    except PaymentsError as error:
        raise ServiceUnavailableError from error  # whatever it is, Stripe shall send it again


def process(event: Event) -> str:
    outcome = stripe_webhook(event, wiring.records(by="webhook"))
    seen = {"event_id": event.event_id, "event_type": event.type, "outcome": outcome}
    logger.info("stripe event", extra=seen)
    with single_metric(name="StripeEvents", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension("outcome", outcome)
    return outcome


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if str(event.get("source")).startswith("aws.partner/stripe.com"):
        return {"outcome": process(event_of(event["detail"]))}  # what it raises is tried again
    return app.resolve(event, context)
