"""On a schedule: remove people who never confirmed their email address."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.settings import settings
from payments.use_cases.remove_unconfirmed_users import remove_unconfirmed_users

logger = Logger()
wiring.prepare(wiring.stripe_gateway, wiring.pool_administration, wiring.customers)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Invoke it with `{"older_than_days": 0}` to include people who signed up a moment ago."""
    days = event.get("older_than_days", settings().unconfirmed_after_days)
    with deadline.of_invocation(context):
        counts = remove_unconfirmed_users(
            older_than=timedelta(days=days),
            has_time=deadline.allows_more_work,
            pool=wiring.pool_administration(),
            stripe=wiring.stripe_gateway(),
            customers=wiring.customers(),
        )
    metrics = EphemeralMetrics()
    for name, count in counts.items():
        metrics.add_metric(name=f"Unconfirmed_{name}", unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
    logger.info("unconfirmed users removed", extra={"counts": counts})
    return dict(counts)
