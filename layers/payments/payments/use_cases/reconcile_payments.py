"""Reconcile: finish what requests and webhooks left unfinished."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.clock import timestamp
from payments.domain.errors import (
    KeyRefusedError,
    PermissionMissingError,
    StripeRejectedError,
    ValidationError,
)
from payments.domain.stripe_event import EventWindow
from payments.use_cases.bring_up_to_date import Result, bring_up_to_date
from payments.use_cases.note_account import note_account
from payments.use_cases.read_events import SECONDS_FOR_ONE, read_events

if TYPE_CHECKING:
    from payments.domain.account import Accounts
    from payments.recorder import Recorder
    from payments.repositories.bookmarks import BookmarksRepository

logger = Logger(child=True)

OPEN_PAYMENTS = "open-payments"
EVENTS = "events"

_PAGE = 100
_DAY = 24 * 3600
# We read the last few minutes of events again, in case Stripe lists one late.
_OVERLAP_SECONDS = 600


def reconcile_payments(
    *,
    older_than: timedelta,
    abandon_after: timedelta,
    seconds: float,
    recorder: "Recorder",
    bookmarks: "BookmarksRepository",
) -> Counter[str]:
    """Bring open payments up to date, then process Stripe's events; return what was done.

    This takes `seconds` at most, half of them for each part, and then ends after the current
    calls. The next run continues where this one stopped. Payments are left alone until nobody has
    written to them for `older_than`, and are cancelled after `abandon_after`. Runs at the same time
    do no harm. While Stripe refuses our key, or it is another account's, nothing is settled.
    """
    started = time.monotonic()
    counts: Counter[str] = Counter()
    now = datetime.now(UTC)
    try:
        accounts = note_account(stripe=recorder.stripe, bookmarks=bookmarks)
        with _going_on("open payments could not be read", counts):
            _walk_open_payments(
                accounts=accounts,
                until=now - older_than,
                abandoned_before=now - abandon_after,
                has_time=lambda: time.monotonic() < started + seconds / 2,
                recorder=recorder,
                bookmarks=bookmarks,
                counts=counts,
            )
        if accounts and counts[Result.OTHER_ACCOUNT]:
            others = {"account_id": accounts.present, "payments": counts[Result.OTHER_ACCOUNT]}
            logger.error("key of another account", extra=others)
        with _going_on("events could not be read", counts):
            _read_missed_events(
                account_id=accounts.present if accounts else None,
                now=int(now.timestamp()),
                has_time=lambda: time.monotonic() < started + seconds,
                recorder=recorder,
                bookmarks=bookmarks,
                counts=counts,
            )
    except StripeRejectedError as error:
        logger.error("key refused", extra={"reason": error.reason})  # noqa: TRY400
        counts["key_refused"] += 1
    except Exception:  # without the account, nothing may be settled
        logger.exception("account could not be noted")
        counts["failed"] += 1
    return counts


@contextmanager
def _going_on(failure: str, counts: Counter[str]) -> Iterator[None]:
    """Log and count what fails, whatever it is: it must not stop the rest.

    Raises:
        KeyRefusedError: the rest would fail as well.
    """
    try:
        yield
    except KeyRefusedError:
        raise
    except PermissionMissingError:  # the gateway has told of it, once for all
        counts["failed"] += 1
    except Exception:
        logger.exception(failure)
        counts["failed"] += 1


def _walk_open_payments(
    *,
    accounts: "Accounts | None",
    until: datetime,
    abandoned_before: datetime,
    has_time: Callable[[], bool],
    recorder: "Recorder",
    bookmarks: "BookmarksRepository",
    counts: Counter[str],
) -> None:
    cursor = bookmarks.load(OPEN_PAYMENTS).get("cursor")
    while has_time():
        try:
            page = recorder.payments.list_open(until=timestamp(until), limit=_PAGE, cursor=cursor)
        except ValidationError:  # another release's bookmark, say
            logger.warning("bookmark not understood", extra={"cursor": cursor})
            cursor = None
            continue
        for entry in page.items:
            if not has_time():
                break
            counts["checked"] += 1
            with (
                logs.about(payment_id=entry.payment_id),
                _going_on("payment failed", counts),
                recorder.stripe.within(SECONDS_FOR_ONE),
            ):
                result = bring_up_to_date(
                    entry.payment_id,
                    recorder=recorder,
                    accounts=accounts,
                    abandoned_before=abandoned_before,
                )
                counts[result] += 1
            cursor = entry.cursor
        else:
            cursor = page.next_cursor
        if cursor is None:
            break
    bookmarks.save(OPEN_PAYMENTS, cursor=cursor)


def _read_missed_events(
    *,
    account_id: str | None,
    now: int,
    has_time: Callable[[], bool],
    recorder: "Recorder",
    bookmarks: "BookmarksRepository",
    counts: Counter[str],
) -> None:
    stored, owner = _events_bookmark(account_id, bookmarks=bookmarks)
    window = EventWindow(**stored) if stored else EventWindow(since=now - _DAY, until=now)
    if window.cursor is None and window.reached is None:
        window = EventWindow(since=window.since, until=now)
    window, finished = read_events(window, recorder=recorder, has_time=has_time, counts=counts)
    if finished:
        window = _next_window(window, now=now)
    bookmarks.save(EVENTS, account_id=owner, **asdict(window))


def _events_bookmark(
    account_id: str | None, *, bookmarks: "BookmarksRepository"
) -> tuple[dict[str, Any], str | None]:
    """Where reading this account's events has stopped, and whose events that are.

    Where another account's stopped is put aside: its key may come back.
    """
    stored = _position(bookmarks.load(EVENTS))
    owner = stored.pop("account_id", account_id)
    if account_id in {None, owner}:
        return stored, owner
    bookmarks.save(f"{EVENTS}-{owner}", **stored)
    return _position(bookmarks.load(f"{EVENTS}-{account_id}")), account_id


def _position(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "name"}


def _next_window(window: EventWindow, *, now: int) -> EventWindow:
    """The window to read next: it starts at the end of this one, or at the oldest failed event.

    After a day we give up on a failed event. Its log line has the event's id, for a replay.
    """
    since = window.until - _OVERLAP_SECONDS
    if window.failed_at:
        since = min(since, max(window.failed_at, now - _DAY))
    return EventWindow(since=since, until=now)
