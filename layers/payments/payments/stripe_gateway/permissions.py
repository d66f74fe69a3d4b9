"""Tell of a right that our restricted key lacks: one line in the log, and a metric for an alarm."""

import threading
import time

from aws_lambda_powertools import Logger

from payments.metrics import count_rare

logger = Logger(child=True)

# A run of reconciliation meets the same refusal for every payment, and another one in the next run.
_QUIET_SECONDS = 240
_told_at: dict[str, float] = {}
_lock = threading.Lock()


def tell_of_missing(permission: str) -> None:
    """Tell that the key lacks a right, at most once every few minutes."""
    now = time.monotonic()
    with _lock:
        if now - _told_at.get(permission, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return
        _told_at[permission] = now
    logger.error("permission missing", extra={"permission": permission})
    count_rare("Stripe_permission_missing")
