"""On a schedule: erase the people who asked for it, once their time of grace is over."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.settings import settings
from payments.use_cases.erase_accounts import erase_accounts
from payments.use_cases.keep_account import keep_account

logger = Logger()
wiring.prepare(wiring.stripe_gateway, wiring.pool_administration, wiring.customers, wiring.payments)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Invoke it with `{"older_than_days": 0}` to include people who asked a moment ago.

    `{"keep": "<user_id>"}` takes a person's request back instead, and erases nobody.
    """
    pool, customers = wiring.pool_administration(), wiring.customers()
    with deadline.of_invocation(context):
        if "keep" in event:
            return {"kept": int(keep_account(event["keep"], pool=pool, customers=customers))}
        days = event.get("older_than_days", settings().erase_after_days)
        counts = erase_accounts(
            older_than=timedelta(days=days),
            has_time=deadline.allows_more_work,
            pool=pool,
            stripe=wiring.stripe_gateway(),
            customers=customers,
            payments=wiring.payments(),
            orders=wiring.orders(),
        )
    metrics = EphemeralMetrics()
    for name, count in counts.items():
        metrics.add_metric(name=f"Erasure_{name}", unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
    logger.info("accounts erased", extra={"counts": counts})
    return dict(counts)
