"""Keep an account whose deletion was asked for: an operator takes the request back."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.customer import ErasedPerson

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository

logger = Logger(child=True)


def keep_account(
    user_id: str, *, pool: "PoolAdministration", customers: "CustomersRepository"
) -> bool:
    """Take the request back; False if the person is erased, or their erasure has begun.

    The pool goes first: a row that still knows of the request refuses the person, until this is
    repeated. The other way round, the next run would write the request to the row again.

    Raises:
        ServiceUnavailableError: a part of it may be done; do it again.
    """
    if pool.find(user_id) is None or isinstance(customers.find_row(user_id), ErasedPerson):
        logger.info("account not kept", extra={"user_id": user_id})
        return False
    pool.keep(user_id)
    customers.keep(user_id)
    logger.info("account kept", extra={"user_id": user_id})
    return True
