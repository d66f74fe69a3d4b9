"""By hand: past events of Stripe's, or one payment, once more. See `make replay`."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.use_cases.read_events import Window
from payments.use_cases.replay_events import replay_event, replay_events, replay_payment

logger = Logger()

_MARGIN_SECONDS = 60  # for the calls under way when the time is over


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`event` names an `event_id`, a `payment_id`, or a window: `since` and `until`."""
    records = wiring.records(by="replay")
    if "event_id" in event:
        answer = replay_event(event["event_id"], records=records)
    elif "payment_id" in event:
        answer = replay_payment(event["payment_id"], records=records)
    else:
        end = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
        has_time = lambda: time.monotonic() < end  # noqa: E731
        answer = replay_events(Window(**event), records=records, has_time=has_time)
    logger.info("replayed", extra={"asked": event, "answer": answer})
    return answer
