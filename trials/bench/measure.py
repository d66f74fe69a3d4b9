"""The measurements: every round starts every function anew, so that noise hits all alike."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from trials.bench.backends import Backends
from trials.bench.subjects import Subject

STRIPE_LATENCY_SECONDS = 0.150
_WARM_REQUESTS = 30
_SLOW_REQUESTS = 3
_WARM_UP = 5  # the interpreter specialises what is called again, and connections get opened


@dataclass(slots=True)
class Sample:
    """What one start of a function showed; times in seconds."""

    first: float
    init: float
    first_cpu: float
    warm: float
    warm_backends: float
    warm_own: float
    warm_cpu: float
    slow: float
    peak_megabytes: float
    calls: int
    stripe_calls: int
    dynamodb_calls: int


@dataclass(slots=True)
class Series:
    """A subject's samples, one for each round."""

    subject: Subject
    samples: list[Sample] = field(default_factory=list)

    def median(self, name: str) -> float:
        """The median of one of a sample's numbers."""
        return float(median(getattr(sample, name) for sample in self.samples))

    def most(self, name: str) -> int:
        """The most calls of a kind in any round."""
        return max(int(getattr(sample, name)) for sample in self.samples)


def measure(
    subjects: Sequence[Subject],
    backends: Backends,
    *,
    rounds: int,
    logs: Path,
    progress: Callable[[str], None],
) -> list[Series]:
    """Measure each subject once in each round, in an order that changes."""
    series = [Series(subject) for subject in subjects]
    shuffled = random.Random(1)  # noqa: S311 - the same order each time
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        for one in shuffled.sample(series, len(series)):
            one.samples.append(sample(one.subject, backends, logs))
    return series


def sample(
    subject: Subject, backends: Backends, logs: Path, *, wrapper: tuple[str, ...] = ()
) -> Sample:
    """Start a function, ask it some things, and stop it."""
    log = logs / f"{subject.label}-{subject.function.name}.log"
    with subject.start(log, wrapper=wrapper) as runtime:
        first_event = subject.event()
        first = runtime.invoke(first_event, expect=subject.status)
        first_cpu = runtime.cpu_seconds

        def request() -> _Request:
            event = subject.event()
            backends.take_calls()
            before = runtime.cpu_seconds
            answer = runtime.invoke(event, expect=subject.status)
            calls = backends.take_calls()
            return _Request(
                seconds=answer.seconds,
                cpu=runtime.cpu_seconds - before,
                backends=calls.seconds,
                calls=len(calls.aws) + len(calls.stripe),
                stripe_calls=len(calls.stripe),
                dynamodb_calls=calls.dynamodb_count,
            )

        for _ in range(_WARM_UP):
            request()
        warm = [request() for _ in range(_WARM_REQUESTS)]
        backends.stripe.latency_seconds = STRIPE_LATENCY_SECONDS
        try:
            slow = [request() for _ in range(_SLOW_REQUESTS)] if warm[0].stripe_calls else warm
        finally:
            backends.stripe.latency_seconds = 0.0
        return Sample(
            first=first.seconds,
            init=runtime.init_seconds,
            first_cpu=first_cpu,
            warm=median(one.seconds for one in warm),
            warm_backends=median(one.backends for one in warm),
            warm_own=median(one.seconds - one.backends for one in warm),
            warm_cpu=median(one.cpu for one in warm),
            slow=median(one.seconds for one in slow),
            peak_megabytes=runtime.peak_memory_megabytes,
            calls=max(one.calls for one in warm),
            stripe_calls=max(one.stripe_calls for one in warm),
            dynamodb_calls=max(one.dynamodb_calls for one in warm),
        )


@dataclass(frozen=True, slots=True)
class _Request:
    seconds: float
    cpu: float
    backends: float
    calls: int
    stripe_calls: int
    dynamodb_calls: int
