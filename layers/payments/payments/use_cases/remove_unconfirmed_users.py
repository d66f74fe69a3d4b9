"""Remove people who signed up days ago and never confirmed their email address."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.use_cases.remove_unconfirmed_user import remove_unconfirmed_user

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)


def remove_unconfirmed_users(
    *,
    older_than: timedelta,
    has_time: Callable[[], bool],
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> Counter[str]:
    """Remove them while there is time, and count: removed, confirmed (meanwhile), failed.

    What one run leaves, the next one finds again: whoever is removed is no longer listed.
    """
    counts: Counter[str] = Counter(removed=0, confirmed=0, failed=0)
    signed_up_before = datetime.now(UTC) - older_than
    cursor = None
    while has_time():
        page = pool.list_unconfirmed(signed_up_before=signed_up_before, cursor=cursor)
        for listed in page.items:
            if not has_time():
                break
            try:
                # The list may be a moment old.
                user = pool.find_unconfirmed(listed.user_id)
                removed = user and remove_unconfirmed_user(
                    user, pool=pool, stripe=stripe, customers=customers
                )
            except Exception:  # one person must not keep the others
                logger.exception("user not removed", extra={"user_id": listed.user_id})
                counts["failed"] += 1
            else:
                counts["removed" if removed else "confirmed"] += 1
        cursor = page.next_cursor
        if cursor is None:
            break
    return counts
