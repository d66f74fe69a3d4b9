"""Erase the people who deleted their own user: with an access token, anybody may, at Cognito.

Cognito tells nobody. So each run looks for the users of some rows of the Customers table, and goes
on where the last one has stopped. A row whose user is gone in two runs counts as a request for the
deletion, with the whole time of grace.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import now, timestamp
from payments.domain.customer import Customer, ErasedPerson
from payments.domain.errors import RateLimitedError, ServiceUnavailableError
from payments.domain.person import Person
from payments.use_cases.erase_account import erase_account

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.domain.customer import UnfinishedCustomer
    from payments.repositories.bookmarks import BookmarksRepository
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)

DELETED_USERS = "deleted-users"

_ROWS_IN_A_RUN = 500
_PAUSE_SECONDS = 0.1  # Cognito lists 30 times a second, for everybody in the AWS account
# If more of the users of a run are missing, and most of them, then the pool may be another one.
_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the steps of a run share."""

    asked_before: str
    has_time: Callable[[], bool]
    pause: Callable[[float], object]
    pool: "PoolAdministration"
    stripe: "StripeGateway"
    customers: "CustomersRepository"
    payments: "PaymentsRepository"
    orders: "OrdersRepository"
    counts: Counter[str]


def erase_deleted_users(  # noqa: PLR0913 - the collaborators of an erasure, and a bookmark
    *,
    older_than: timedelta,
    has_time: Callable[[], bool],
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
    bookmarks: "BookmarksRepository",
    many_are_gone: bool = False,
    pause: Callable[[float], object] = time.sleep,
) -> Counter[str]:
    """Look for the users of some rows, and count: noticed, requested, erased, deferred, failed.

    `unbelieved` counts users of whom so many are missing at once that nothing is done about them,
    unless `many_are_gone` says that it is true.
    """
    job = _Job(
        asked_before=timestamp(datetime.now(UTC) - older_than),
        has_time=has_time,
        pause=pause,
        pool=pool,
        stripe=stripe,
        customers=customers,
        payments=payments,
        orders=orders,
        counts=Counter(noticed=0, requested=0, erased=0, deferred=0, failed=0, unbelieved=0),
    )
    bookmark = bookmarks.load(DELETED_USERS)
    try:
        for user_id in bookmark.get("noticed", ()):
            if not has_time():
                return job.counts  # the next run begins with them, too
            _look_again(user_id, job)
        noticed, cursor = _walk(bookmark.get("cursor"), job, many_are_gone=many_are_gone)
    except (RateLimitedError, ServiceUnavailableError):  # of Cognito, or a table
        logger.warning("users were not looked for", exc_info=True)
        job.counts["failed"] += 1
        return job.counts
    bookmarks.save(DELETED_USERS, cursor=cursor, noticed=noticed)
    return job.counts


def _look_again(user_id: str, job: _Job) -> None:
    """Somebody whose user was gone in the run before: if it still is, that is their request."""
    row = job.customers.find_row(user_id)
    if row is None or isinstance(row, ErasedPerson) or row.deletion_requested_at:
        return
    if _has_user(user_id, job):
        return
    job.customers.request_deletion(user_id, at=now(), signed_out_at=now())
    logger.info("a deleted user counts as a request", extra={"user_id": user_id})
    job.counts["requested"] += 1


def _walk(cursor: str | None, job: _Job, *, many_are_gone: bool) -> tuple[list[str], str | None]:
    """Look for the users of the next rows; who was noticed, and where the next run begins."""
    page = job.customers.list_rows(limit=_ROWS_IN_A_RUN, cursor=cursor)
    looked, noticed = 0, []
    for row in page.items:
        if not job.has_time():
            break
        cursor = row.user_id
        if isinstance(row, ErasedPerson) or (row.deletion_requested_at or "") > job.asked_before:
            continue
        looked += 1
        if _has_user(row.user_id, job):
            continue
        if row.deletion_requested_at:
            job.counts[_erase(row, job)] += 1
        else:
            noticed.append(row.user_id)
    else:
        cursor = page.next_cursor
    if len(noticed) > max(_FEW, looked / 2) and not many_are_gone:
        logger.error("most users are missing: is it the right pool?", extra={"count": len(noticed)})
        job.counts["unbelieved"] += len(noticed)
        job.counts["failed"] += 1  # there is an alarm for it
        return [], cursor
    job.counts["noticed"] += len(noticed)
    return noticed, cursor


def _has_user(user_id: str, job: _Job) -> bool:
    """Whether the pool knows them. Only if it lists nobody, it is asked for this very user:

    who is asked for by name counts as active in that month, and that costs money.
    """
    job.pause(_PAUSE_SECONDS)
    return job.pool.lists(user_id) or job.pool.find(user_id) is not None


def _erase(row: "Customer | UnfinishedCustomer", job: _Job) -> str:
    """Erase somebody whose time of grace is over, and say what became of it."""
    email, name = (row.email, row.name) if isinstance(row, Customer) else ("", "")
    try:
        deferrals = erase_account(
            Person(row.user_id, created_at="", email=email, name=name),
            row,
            pool=job.pool,
            stripe=job.stripe,
            customers=job.customers,
            payments=job.payments,
            orders=job.orders,
        )
    except Exception:  # one person must not keep the others
        logger.exception("account not erased", extra={"user_id": row.user_id})
        return "failed"
    return "deferred" if deferrals else "erased"
