"""On a schedule: finish what requests and webhooks left unfinished."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.settings import settings
from payments.use_cases.reconcile_payments import reconcile_payments

logger = Logger()
wiring.prepare(wiring.stripe_gateway, wiring.customers, wiring.refunds, wiring.bookmarks)

_MARGIN_SECONDS = 60  # for calls still running when time is up
_AT_ONCE = 32  # half a second a call: enough for 50 a second, where Stripe allows a hundred
_SHARE = 0.5  # of what Stripe allows: the rest is for the people who pay
_ALWAYS_TOLD = ("checked", "failed", "key_refused", "other_account")  # so that alarms have data


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Invoke it with `{"older_than_minutes": 0}` to include payments written a moment ago."""
    older_than = event.get("older_than_minutes", settings().reconcile_after_minutes)
    with deadline.of_invocation(context):
        counts = reconcile_payments(
            older_than=timedelta(minutes=older_than),
            abandon_after=timedelta(hours=settings().abandon_after_hours),
            seconds=context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS,
            at_once=_AT_ONCE,
            requests_per_second=settings().stripe_requests_per_second * _SHARE,
            recorder=wiring.recorder(by="reconcile"),
            refunds=wiring.refunds(),
            bookmarks=wiring.bookmarks(),
        )
    metrics = EphemeralMetrics()
    for name, count in (dict.fromkeys(_ALWAYS_TOLD, 0) | counts).items():
        unit = MetricUnit.Seconds if name.endswith("_seconds") else MetricUnit.Count
        metrics.add_metric(name=f"Reconcile_{name}", unit=unit, value=count)
    # Whoever misses a right counts it. This is for alarms as well.
    metrics.add_metric(name="Stripe_permission_missing", unit=MetricUnit.Count, value=0)
    metrics.flush_metrics()
    logger.info("reconciled", extra={"counts": counts})
    return dict(counts)
