"""Mark one-time code: what a token of the merchant's staff says of their one-time-code app."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payments.domain.clock import timestamp
from payments.domain.token import CODE_ENTERED, CODE_SET_UP

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository

# Cognito notes the time of a login before or after it asks us. Nobody sets up an app in that time.
_MARGIN_SECONDS = 2


def mark_one_time_code(
    user_id: str,
    *,
    logs_in: bool,
    pool: "PoolAdministration",
    customers: "CustomersRepository",
) -> str | None:
    """What the token says, or None if they have no app: see `CODE_ENTERED` and `CODE_SET_UP`.

    Cognito asks everybody who has an app for a code, so a login with one has entered it. A renewed
    token does not tell how its session began. So the first login with an app ends all sessions
    from before it: what is renewed later began with a code.
    """
    if not pool.has_one_time_code(user_id):
        customers.forget_one_time_code(user_id)
        return None
    if not logs_in:
        return CODE_SET_UP
    row = customers.find_row(user_id)
    if not getattr(row, "one_time_code", False):
        began = datetime.fromtimestamp(int(time.time()) - _MARGIN_SECONDS, UTC)
        customers.sign_out(user_id, at=timestamp(began))
        customers.note_one_time_code(user_id)
    return CODE_ENTERED
