"""The Payments table's stream: publish stored changes as events on the bus."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.use_cases.publish_payment_events import publish_payment_events

logger = Logger()
wiring.prepare(wiring.event_bus, wiring.unpublished_queue)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """If this raises, Lambda delivers the same records again, in order, until it succeeds."""
    with deadline.of_invocation(context):
        published, queued = publish_payment_events(
            wiring.payment_changes().changes_in(event),
            bus=wiring.event_bus(),
            queue=wiring.unpublished_queue(),
        )
    for each in published:
        ids = {"payment_id": each.payment.payment_id, "event_id": each.event_id}
        logger.info("published", extra={**ids, "type": each.type})
    if queued:
        with single_metric("Publish_queued", MetricUnit.Count, len(queued)):
            pass
