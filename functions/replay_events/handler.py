"""Invoked by hand: replay Stripe events, or publish payment events again. See `make replay`."""

import time
from dataclasses import asdict
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.domain.payment_event import HistoryWindow
from payments.domain.stripe_event import EventWindow
from payments.use_cases.bring_up_to_date import bring_up_to_date
from payments.use_cases.note_account import note_account
from payments.use_cases.replay_event import replay_event
from payments.use_cases.replay_events import replay_events
from payments.use_cases.republish_payment_events import republish_payment_events
from payments.use_cases.republish_queued_payment_events import republish_queued_payment_events

logger = Logger()
recorder = partial(wiring.recorder, by="replay")
wiring.prepare(recorder, wiring.event_bus, wiring.unpublished_queue)

_MARGIN_SECONDS = 60  # for calls still running when time is up


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`event` is `{event_id}`, `{payment_id}`, a window, `{republish_since}` or `{queued: true}`.

    For the last three, the answer has the `window` to send next, or None if nothing is left.
    """
    with deadline.of_invocation(context):
        answer = replay(event, seconds=context.get_remaining_time_in_millis() / 1000)
    ids = {"payment_id": event.get("payment_id"), "event_id": event.get("event_id")}
    logger.info("replayed", extra={**ids, "asked": event, "answer": answer})
    return answer


def replay(event: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    end = time.monotonic() + seconds - _MARGIN_SECONDS
    republishing: dict[str, Any] = {
        "payments": wiring.payment_changes(),
        "bus": wiring.event_bus(),
        "queue": wiring.unpublished_queue(),
        "has_time": lambda: time.monotonic() < end,
    }
    match event:
        case {"event_id": event_id}:
            return {"outcome": replay_event(event_id, recorder=recorder())}
        case {"payment_id": payment_id}:
            accounts = note_account(stripe=wiring.stripe_gateway(), bookmarks=wiring.bookmarks())
            outcome = bring_up_to_date(
                payment_id, recorder=recorder(), refunds=wiring.refunds(), accounts=accounts
            )
            return {"outcome": outcome}
        case {"republish_since": since}:
            window = HistoryWindow(since, cursor=event.get("cursor"))
            counts, left = republish_payment_events(window, **republishing)
            next_ = {"republish_since": since, "cursor": left.cursor} if left else None
            return {"counts": counts, "window": next_}
        case {"queued": True}:
            counts, unfinished = republish_queued_payment_events(**republishing)
            return {"counts": counts, "window": event if unfinished else None}
        case _:
            counts, rest = replay_events(
                EventWindow(**event), recorder=recorder(), has_time=republishing["has_time"]
            )
            return {"counts": counts, "window": asdict(rest) if rest else None}
