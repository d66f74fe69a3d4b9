"""On a schedule: erase who asked for it or deleted their own user, after the time of grace."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.settings import settings
from payments.use_cases.erase_accounts import erase_accounts
from payments.use_cases.erase_deleted_users import erase_deleted_users
from payments.use_cases.keep_account import keep_account

logger = Logger()
wiring.prepare(wiring.stripe_gateway, wiring.pool_administration, wiring.customers, wiring.payments)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Invoke it with `{"older_than_days": 0}` to include people who asked a moment ago.

    `{"keep": "<user_id>"}` takes a person's request back instead, and erases nobody.
    `{"many_are_gone": true}` says that you know of the many users who are missing in the pool.
    """
    pool, customers = wiring.pool_administration(), wiring.customers()
    with deadline.of_invocation(context):
        if "keep" in event:
            return {"kept": int(keep_account(event["keep"], pool=pool, customers=customers))}
        days = event.get("older_than_days", settings().erase_after_days)
        job: dict[str, Any] = {
            "older_than": timedelta(days=days),
            "has_time": deadline.allows_more_work,
            "pool": pool,
            "stripe": wiring.stripe_gateway(),
            "customers": customers,
            "payments": wiring.payments(),
            "orders": wiring.orders(),
        }
        counts = erase_accounts(**job)
        counts.update(
            erase_deleted_users(
                **job,
                bookmarks=wiring.bookmarks(),
                many_are_gone=event.get("many_are_gone", False),
            )
        )
    metrics = EphemeralMetrics()
    for name, count in counts.items():
        metrics.add_metric(name=f"Erasure_{name}", unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
    logger.info("accounts erased", extra={"counts": counts})
    return dict(counts)
