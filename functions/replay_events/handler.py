"""By hand: past events of Stripe's, or one payment, once more. See `make replay`."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.use_cases.read_events import Window
from payments.use_cases.replay_events import (
    replay_event,
    replay_events,
    replay_payment,
    republish,
)

logger = Logger()
wiring.prepare(wiring.stripe_gateway, wiring.payments, wiring.customers, wiring.event_bus)

_MARGIN_SECONDS = 60  # for the calls under way when the time is over


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`event` names an `event_id`, a `payment_id`, a window of events, or `republish_since`."""
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    answer = _replay(event, end=end)
    logger.info("replayed", extra={"asked": event, "answer": answer})
    return answer


def _replay(event: dict[str, Any], *, end: float) -> dict[str, Any]:
    records = wiring.records(by="replay")
    if "event_id" in event:
        return replay_event(event["event_id"], records=records)
    if "payment_id" in event:
        return replay_payment(event["payment_id"], records=records)
    if "republish_since" in event:
        return republish(
            event["republish_since"],
            cursor=event.get("cursor"),
            payments=wiring.payments(),
            bus=wiring.event_bus(),
            has_time=lambda: time.monotonic() < end,
        )
    return replay_events(Window(**event), records=records, has_time=lambda: time.monotonic() < end)
