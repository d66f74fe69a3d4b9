"""The measurements: every round starts every function anew, so that noise hits all alike."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from trials.bench.artifacts import discard
from trials.bench.backends import Backends
from trials.bench.disk import a_copy, bytes_of_files_read, forget
from trials.bench.subjects import Subject

STRIPE_LATENCY_SECONDS = 0.150
_WARM_REQUESTS = 30
_SLOW_REQUESTS = 3
_WARM_UP = 30  # interpreters specialise, and Node compiles, what is called again


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
    openings: int
    calls: int
    stripe_calls: int
    dynamodb_calls: int


@dataclass(slots=True)
class Series:
    """A subject's samples, one for each round."""

    subject: Subject
    samples: list[Sample] = field(default_factory=list)
    disk_bytes: int | None = None  # that a start reads; None if that cannot be told here

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
    progress("looking at what a start reads from disk")
    for one in series:
        one.disk_bytes = read_from_disk(one.subject, logs.with_name("disk"), logs)
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
    log = _log(subject, logs)
    backends.take_openings()
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
        openings = backends.take_openings()
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
            openings=openings,
            calls=max(one.calls for one in warm),
            stripe_calls=max(one.stripe_calls for one in warm),
            dynamodb_calls=max(one.dynamodb_calls for one in warm),
        )


def read_from_disk(subject: Subject, directory: Path, logs: Path) -> int | None:
    """The size of the files of function and layers that a start and the first request read.

    None means that this system does not tell.
    """
    function = a_copy(subject.function, directory)
    try:
        if not forget(function):
            return None
        with replace(subject, function=function).start(_log(subject, logs)) as runtime:
            runtime.invoke(subject.event(), expect=subject.status)
            return bytes_of_files_read(function)
    finally:
        discard(directory)


def _log(subject: Subject, logs: Path) -> Path:
    return logs / f"{subject.label}-{subject.function.name}.log"


@dataclass(frozen=True, slots=True)
class _Request:
    seconds: float
    cpu: float
    backends: float
    calls: int
    stripe_calls: int
    dynamodb_calls: int
