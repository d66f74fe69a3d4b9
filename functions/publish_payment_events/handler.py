"""The Payments table's stream: publish stored changes as events on the bus."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.domain.payment_event import PaymentEvent
from payments.domain.sales import sales_in
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
    _tell_of_sales(published)
    if queued:
        with single_metric("Publish_queued", MetricUnit.Count, len(queued)):
            pass


def _tell_of_sales(events: list[PaymentEvent]) -> None:
    """Zeros too: a share of nothing would leave an alarm without data."""
    sales = sales_in(events)
    metrics = EphemeralMetrics()
    metrics.add_metric("Payments_created", MetricUnit.Count, sales.created)
    metrics.add_metric("Payments_succeeded", MetricUnit.Count, sales.succeeded)
    metrics.add_metric("Payments_failed", MetricUnit.Count, sales.failed)
    for seconds in sales.seconds:
        metrics.add_metric("Payments_seconds_to_paid", MetricUnit.Seconds, seconds)
    metrics.flush_metrics()
    for currency, amounts in sales.amounts.items():
        for amount in amounts:
            with single_metric("Payments_amount", MetricUnit.NoUnit, amount) as metric:
                metric.add_dimension("currency", currency)
