"""Mark one-time code: what a token of the merchant's staff says of their one-time-code app."""

from typing import TYPE_CHECKING

from payments.domain.token import CODE_ENTERED, CODE_SET_UP

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository


def mark_one_time_code(
    user_id: str,
    *,
    logs_in: bool,
    pool: "PoolAdministration",
    customers: "CustomersRepository",
) -> str | None:
    """What the token says, or None if they have no app.

    Cognito asks everybody who has an app for a code, so a login with an app has entered one.
    """
    if not pool.has_one_time_code(user_id):
        customers.forget_one_time_code(user_id)
        return None
    return CODE_ENTERED if logs_in else CODE_SET_UP
