"""What memory to give a function: latency and cost at each setting."""

import math
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from trials.bench.backends import Backends
from trials.bench.cpu_share import cpu_share
from trials.bench.measure import STRIPE_LATENCY_SECONDS, Series, sample
from trials.bench.subjects import Subject

SETTINGS = (256, 384, 512, 768, 1024, 1769)
# https://aws.amazon.com/lambda/pricing/, arm64 in us-east-1, without the free tier
DOLLARS_PER_GIGABYTE_SECOND = 0.0000133334
DOLLARS_PER_MILLION_REQUESTS = 0.20
_WITHIN = 1.10  # as fast as the fastest, give or take what nobody notices
# Of the requests, how many meet a function that has yet to start. AWS sees fewer than one in a
# hundred, over all its customers; a shop of few payments has more.
FIRST_REQUESTS = 1 / 20


@dataclass(frozen=True, slots=True)
class Setting:
    """One amount of memory and what was measured with its share of a core."""

    megabytes: int
    series: Series

    @property
    def seconds(self) -> float:
        """What a request takes on average, first ones among them, with Stripe's usual slowness."""
        warm, first = self.series.median("slow"), self.series.median("first")
        first += STRIPE_LATENCY_SECONDS
        return (1 - FIRST_REQUESTS) * warm + FIRST_REQUESTS * first

    @property
    def dollars(self) -> float:
        """What a million such requests cost; the initialisation is paid for too."""
        return dollars_per_million(self.megabytes, self.seconds)


def dollars_per_million(megabytes: int, seconds: float) -> float:
    """The cost of a million requests of this duration, billed by the millisecond."""
    billed_seconds = math.ceil(seconds * 1000) / 1000
    gigabyte_seconds = megabytes / 1024 * billed_seconds * 1_000_000
    return gigabyte_seconds * DOLLARS_PER_GIGABYTE_SECOND + DOLLARS_PER_MILLION_REQUESTS


def sweep(
    subject: Subject,
    backends: Backends,
    *,
    rounds: int,
    logs: Path,
    progress: Callable[[str], None],
) -> list[Setting]:
    """Measure a function with each amount of memory, in an order that changes.

    Raises:
        NoControlGroupsError: the shares cannot be set here.
    """
    settings = [Setting(megabytes, Series(subject)) for megabytes in SETTINGS]
    shuffled = random.Random(1)  # noqa: S311 - the same order each time
    for number in range(1, rounds + 1):
        progress(f"memory, round {number} of {rounds}")
        for setting in shuffled.sample(settings, len(settings)):
            with ExitStack() as cleanup:
                wrapper = cleanup.enter_context(cpu_share(setting.megabytes))
                setting.series.samples.append(sample(subject, backends, logs, wrapper=wrapper))
    return settings


def cheapest(settings: Sequence[Setting]) -> Setting:
    """The cheapest of those about as fast as the fastest."""
    best = min(setting.seconds for setting in settings)
    fast = [setting for setting in settings if setting.seconds <= best * _WITHIN]
    return min(fast, key=lambda setting: setting.dollars)
