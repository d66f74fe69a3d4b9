"""Reconcile: finish what requests and webhooks left unfinished."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.errors import (
    KeyRefusedError,
    PermissionMissingError,
    StripeRejectedError,
)
from payments.domain.stripe_event import EventWindow
from payments.use_cases.bring_up_to_date import Result, bring_up_to_date
from payments.use_cases.note_account import note_account
from payments.use_cases.read_events import SECONDS_FOR_ONE, read_events
from payments.use_cases.walk_open_payments import (
    Limits,
    oldest_open_seconds,
    walk_open_payments,
)

if TYPE_CHECKING:
    from payments.domain.account import Accounts
    from payments.recorder import Recorder
    from payments.repositories.bookmarks import BookmarksRepository
    from payments.repositories.refunds import RefundsRepository

logger = Logger(child=True)

EVENTS = "events"

_DAY = 24 * 3600
# We read the last few minutes of events again, in case Stripe lists one late.
_OVERLAP_SECONDS = 600


def reconcile_payments(
    *,
    older_than: timedelta,
    abandon_after: timedelta,
    seconds: float,
    at_once: int,
    requests_per_second: float,
    recorder: "Recorder",
    refunds: "RefundsRepository",
    bookmarks: "BookmarksRepository",
) -> Counter[str]:
    """Process the events that we missed, then bring open payments up to date; return what was done.

    This takes `seconds` at most, half of them for events, and then ends after the current calls.
    The next run continues where this one stopped. Payments are left alone until nobody has written
    to them for `older_than`, and are cancelled after `abandon_after`. Runs at the same time do no
    harm. While Stripe refuses our key, or it is another account's, nothing is settled.

    `at_once` payments are dealt with at a time, with at most so many requests to Stripe a second.
    """
    started = time.monotonic()
    counts: Counter[str] = Counter()
    now = datetime.now(UTC)
    limits = Limits(
        until=now - older_than,
        abandoned_before=now - abandon_after,
        ends_at=started + seconds,
        at_once=at_once,
    )
    try:
        accounts = note_account(stripe=recorder.stripe, bookmarks=bookmarks)
        with recorder.stripe.at_most(requests_per_second) as pace:
            with _going_on("events could not be read", counts):
                _read_missed_events(
                    account_id=accounts.present if accounts else None,
                    now=int(now.timestamp()),
                    at_once=at_once,
                    has_time=lambda: time.monotonic() < started + seconds / 2,
                    recorder=recorder,
                    bookmarks=bookmarks,
                    counts=counts,
                )
            with _going_on("open payments could not be read", counts):
                do = partial(
                    _settle, accounts=accounts, limits=limits, recorder=recorder, refunds=refunds
                )
                walk_open_payments(
                    do, limits, payments=recorder.payments, bookmarks=bookmarks, counts=counts
                )
        counts["rate_limited"] = pace.rate_limited
        if accounts and counts[Result.OTHER_ACCOUNT]:
            others = {"account_id": accounts.present, "payments": counts[Result.OTHER_ACCOUNT]}
            logger.error("key of another account", extra=others)
    except StripeRejectedError as error:
        logger.error("key refused", extra={"reason": error.reason})  # noqa: TRY400
        counts["key_refused"] += 1
    except Exception:  # without the account, nothing may be settled
        logger.exception("account could not be noted")
        counts["failed"] += 1
    with _going_on("open payments could not be read", counts):
        counts["oldest_open_seconds"] = oldest_open_seconds(recorder.payments)
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


def _settle(
    payment_id: str,
    *,
    accounts: "Accounts | None",
    limits: Limits,
    recorder: "Recorder",
    refunds: "RefundsRepository",
) -> Counter[str]:
    """Bring one payment up to date, and return what was done."""
    counts: Counter[str] = Counter()
    with (
        logs.about(payment_id=payment_id),
        _going_on("payment failed", counts),
        recorder.stripe.within(SECONDS_FOR_ONE),
    ):
        result = bring_up_to_date(
            payment_id,
            recorder=recorder,
            refunds=refunds,
            accounts=accounts,
            abandoned_before=limits.abandoned_before,
        )
        counts[result] += 1
    return counts


def _read_missed_events(
    *,
    account_id: str | None,
    now: int,
    at_once: int,
    has_time: Callable[[], bool],
    recorder: "Recorder",
    bookmarks: "BookmarksRepository",
    counts: Counter[str],
) -> None:
    stored, owner = _events_bookmark(account_id, bookmarks=bookmarks)
    known = {name: stored[name] for name in EventWindow.__dataclass_fields__ if name in stored}
    window = EventWindow(**known) if known else EventWindow(since=now - _DAY, until=now)
    if window.cursor is None and window.reached is None:
        window = EventWindow(since=window.since, until=now)
    window, finished = read_events(
        window, at_once=at_once, recorder=recorder, has_time=has_time, counts=counts
    )
    counts["events_behind_seconds"] = 0 if finished else now - window.since
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
