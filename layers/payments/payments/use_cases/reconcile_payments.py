"""Reconcile: finish what requests and webhooks left unfinished."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.clock import timestamp
from payments.domain.errors import ValidationError
from payments.domain.stripe_event import EventWindow
from payments.use_cases.bring_up_to_date import bring_up_to_date
from payments.use_cases.read_events import read_events

if TYPE_CHECKING:
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
    do no harm.
    """
    started = time.monotonic()
    counts: Counter[str] = Counter()
    now = datetime.now(UTC)
    try:
        _walk_open_payments(
            until=now - older_than,
            abandoned_before=now - abandon_after,
            has_time=lambda: time.monotonic() < started + seconds / 2,
            recorder=recorder,
            bookmarks=bookmarks,
            counts=counts,
        )
    except Exception:  # a bug with the payments must not stop the events
        logger.exception("open payments could not be read")
        counts["failed"] += 1
    try:
        _read_missed_events(
            now=int(now.timestamp()),
            has_time=lambda: time.monotonic() < started + seconds,
            recorder=recorder,
            bookmarks=bookmarks,
            counts=counts,
        )
    except Exception:  # nor hide what was done
        logger.exception("events could not be read")
        counts["failed"] += 1
    return counts


def _walk_open_payments(
    *,
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
            result = _deal_with(
                entry.payment_id, recorder=recorder, abandoned_before=abandoned_before
            )
            counts[result] += 1
            cursor = entry.cursor
        else:
            cursor = page.next_cursor
        if cursor is None:
            break
    bookmarks.save(OPEN_PAYMENTS, cursor=cursor)


def _deal_with(payment_id: str, *, recorder: "Recorder", abandoned_before: datetime) -> str:
    """Bring a payment up to date, and return what was done."""
    with logs.about(payment_id=payment_id):
        try:
            return bring_up_to_date(
                payment_id, recorder=recorder, abandoned_before=abandoned_before
            )
        except Exception:  # a bug with one payment must not stop the others
            logger.exception("payment failed")
            return "failed"


def _read_missed_events(
    *,
    now: int,
    has_time: Callable[[], bool],
    recorder: "Recorder",
    bookmarks: "BookmarksRepository",
    counts: Counter[str],
) -> None:
    stored = bookmarks.load(EVENTS)
    stored.pop("name", None)
    window = EventWindow(**stored) if stored else EventWindow(since=now - _DAY, until=now)
    if window.cursor is None and window.reached is None:
        window = EventWindow(since=window.since, until=now)
    window, finished = read_events(window, recorder=recorder, has_time=has_time, counts=counts)
    if finished:
        window = _next_window(window, now=now)
    bookmarks.save(EVENTS, **asdict(window))


def _next_window(window: EventWindow, *, now: int) -> EventWindow:
    """The window to read next: it starts at the end of this one, or at the oldest failed event.

    After a day we give up on a failed event. Its log line has the event's id, for a replay.
    """
    since = window.until - _OVERLAP_SECONDS
    if window.failed_at:
        since = min(since, max(window.failed_at, now - _DAY))
    return EventWindow(since=since, until=now)
