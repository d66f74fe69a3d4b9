"""Replay the events of a period."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from payments.domain.stripe_event import EventWindow
from payments.use_cases.read_events import read_events

if TYPE_CHECKING:
    from payments.recorder import Recorder


def replay_events(
    window: EventWindow, *, recorder: "Recorder", has_time: Callable[[], bool]
) -> tuple[Counter[str], EventWindow | None]:
    """Feed the events of a window to the webhook's code, as many as there is time for.

    Returns how many had each outcome, and the window to continue with, if anything is left.

    Raises:
        PaymentsError: Stripe did not list its events.
    """
    counts: Counter[str] = Counter()
    window, finished = read_events(
        window, at_once=1, recorder=recorder, has_time=has_time, counts=counts
    )
    return counts, None if finished else window
