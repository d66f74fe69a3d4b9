"""End a person's sessions on all devices."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payments.domain.clock import timestamp

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository


def end_sessions(
    user_id: str,
    *,
    pool: "PoolAdministration",
    customers: "CustomersRepository",
    wait: Callable[[float], None] = time.sleep,
) -> str:
    """End all sessions, and return the moment: who logged in before it saves and pays no more.

    A token says in whole seconds when its person logged in. So the moment is the next full second,
    and this waits for it: every earlier login is older than the moment, and no later one is.

    Raises:
        ServiceUnavailableError: it may be done in part; do it again.
    """
    now = time.time()
    full_second = math.floor(now) + 1
    signed_out_at = timestamp(datetime.fromtimestamp(full_second, UTC))
    customers.sign_out(user_id, at=signed_out_at)
    wait(full_second - now)
    pool.sign_out_everywhere(user_id)
    return signed_out_at
