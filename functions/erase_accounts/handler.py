"""On a schedule: erase the people who asked for it, once their time of grace is over."""

import time
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

_MARGIN_SECONDS = 60  # for calls still running when time is up


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Invoke it with `{"older_than_days": 0}` to include people who asked a moment ago.

    `{"keep": "<user_id>"}` takes a person's request back instead, and erases nobody.
    """
    with deadline.of_invocation(context):
        if "keep" in event:
            return _keep(event["keep"])
        counts = _erase(event, context)
    metrics = EphemeralMetrics()
    for name, count in counts.items():
        metrics.add_metric(name=f"Erasure_{name}", unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
    logger.info("accounts erased", extra={"counts": counts})
    return counts


def _erase(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    return dict(
        erase_accounts(
            older_than=timedelta(days=event.get("older_than_days", settings().erase_after_days)),
            has_time=lambda: time.monotonic() < end,
            pool=wiring.pool_administration(),
            stripe=wiring.stripe_gateway(),
            customers=wiring.customers(),
            payments=wiring.payments(),
            orders=wiring.orders(),
        )
    )


def _keep(user_id: str) -> dict[str, int]:
    kept = keep_account(user_id, pool=wiring.pool_administration(), customers=wiring.customers())
    logger.info("account kept" if kept else "account not kept", extra={"user_id": user_id})
    return {"kept": int(kept)}
