"""Invoked by hand: replay past Stripe events, or one payment. See `make replay`."""

import time
from dataclasses import asdict
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.domain.stripe_event import EventWindow
from payments.use_cases.bring_up_to_date import bring_up_to_date
from payments.use_cases.replay_event import replay_event
from payments.use_cases.replay_events import replay_events
from payments.use_cases.republish_payment_events import republish_payment_events

logger = Logger()
recorder = partial(wiring.recorder, by="replay")
wiring.prepare(recorder, wiring.event_bus)

_MARGIN_SECONDS = 60  # for calls still running when time is up


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`event` is `{event_id}`, `{payment_id}`, a window of events, or `{republish_since}`.

    For the last two, the answer has the `window` to send next, or None if nothing is left.
    """
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    match event:
        case {"event_id": event_id}:
            answer: dict[str, Any] = {"outcome": replay_event(event_id, recorder=recorder())}
        case {"payment_id": payment_id}:
            answer = {"outcome": bring_up_to_date(payment_id, recorder=recorder())}
        case {"republish_since": since}:
            published, cursor = republish_payment_events(
                since,
                cursor=event.get("cursor"),
                payments=wiring.payments(),
                bus=wiring.event_bus(),
                has_time=lambda: time.monotonic() < end,
            )
            left = {"republish_since": since, "cursor": cursor} if cursor else None
            answer = {"counts": {"events_published": published}, "window": left}
        case _:
            counts, window = replay_events(
                EventWindow(**event), recorder=recorder(), has_time=lambda: time.monotonic() < end
            )
            answer = {"counts": counts, "window": asdict(window) if window else None}
    logger.info("replayed", extra={"asked": event, "answer": answer})
    return answer
