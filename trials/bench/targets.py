"""What was promised, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trials.bench.artifacts import Size
from trials.bench.measure import Series

_FIRST_OF_PYTHON = 0.5
_FIRST_OF_NODE = 1.4
_WARM_OF_NODE = 0.75
_WARM_OF_FLOOR = 1.5
_FIRST_OF_BEFORE = {"TLS": 1.05, "plain HTTP": 1.2}
_WARM_OF_BEFORE = 1.1
_FUNCTION_ZIPPED = 20_000


@dataclass(frozen=True, slots=True)
class Weights:
    """The sizes of one checkout's artifacts."""

    layers: dict[str, Size]
    functions: dict[str, Size]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target, and the worst that was measured; None if nothing was."""

    target: str
    worst: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that a request can take."""

    bare: Series
    call: Series  # the bare handler that makes one call

    @property
    def call_seconds(self) -> float:
        """What a call costs its caller at the least, besides the time that the backend takes."""
        return max(self.call.median("warm_own") - self.bare.median("warm_own"), 0)

    def warm_seconds(self, series: Series) -> float:
        """The bare handler's own time and that of the calls: nobody can be faster."""
        calls = series.median("warm_backends") + series.most("calls") * self.call_seconds
        return self.bare.median("warm") + calls

    def of_floor(self, series: Series) -> float:
        """A warm request, in the least it could take; own time and calls are of one request."""
        own_and_calls = series.median("warm_own") + series.median("warm_backends")
        return own_and_calls / self.warm_seconds(series)


@dataclass(frozen=True, slots=True)
class Peers:
    """What a good engineer would ship otherwise: Python with bytecode in its packages, and Node."""

    python: Sequence[Series]
    node: Series | None  # None where there is no Node

    @property
    def best_python(self) -> Series:
        """The one whose first request is the fastest."""
        return min(self.python, key=lambda series: series.median("first"))

    def first_of_python(self, series: Series) -> float:
        """The first request, in those of the best one in Python."""
        return _ratio("first", series, self.best_python)

    def first_of_node(self, series: Series) -> float | None:
        """The first request, in those of the one in Node."""
        return _ratio("first", series, self.node) if self.node else None

    def warm_of_node(self, series: Series) -> float | None:
        """A warm request, in those of the one in Node, if both do the same."""
        return _ratio("warm", series, self.node) if self.node and series.subject.creates else None


def judge(steps: Sequence[Series], floor: Floor, peers: Peers, weights: Weights) -> list[Verdict]:
    """Each target, by the step that is farthest from it."""
    largest = max(size.zipped for size in weights.functions.values())
    return [
        _worst(
            "first request, of the best Python baseline's with bytecode",
            {_name(series): peers.first_of_python(series) for series in steps},
            _FIRST_OF_PYTHON,
        ),
        _worst(
            "first request, of the Node baseline's",
            {_name(series): peers.first_of_node(series) for series in steps},
            _FIRST_OF_NODE,
        ),
        _worst(
            "warm request that creates, of the Node baseline's",
            {_name(series): peers.warm_of_node(series) for series in steps},
            _WARM_OF_NODE,
        ),
        _worst(
            "warm request, of the bare handler's and its backend calls'",
            {_name(series): floor.of_floor(series) for series in steps},
            _WARM_OF_FLOOR,
        ),
        _calls("Stripe", "stripe_calls", steps),
        _calls("DynamoDB", "dynamodb_calls", steps),
        _at_most("a function's own zip", largest / 1e3, _FUNCTION_ZIPPED / 1e3, "{:.1f} kB"),
    ]


def compare(steps: Sequence[Series], before: Sequence[Series], *, transport: str) -> list[Verdict]:
    """Whether another checkout's steps got slower than these were before."""
    by_name = {_name(series): series for series in before}
    pairs = [(series, by_name[_name(series)]) for series in steps if _name(series) in by_name]
    label = before[0].subject.label
    return [
        _worst(
            f"first request, of {label}'s",
            {_name(one): _ratio("first", one, other) for one, other in pairs},
            _FIRST_OF_BEFORE[transport],
        ),
        _worst(
            f"warm request, of {label}'s",
            {_name(one): _ratio("warm", one, other) for one, other in pairs},
            _WARM_OF_BEFORE,
        ),
    ]


def _ratio(number: str, series: Series, other: Series) -> float:
    return series.median(number) / other.median(number)


def _name(series: Series) -> str:
    return series.subject.step.name if series.subject.step else series.subject.label


def _worst(what: str, ratios: Mapping[str, float | None], limit: float) -> Verdict:
    target = f"{what}: ≤ x {limit:.2f}"
    measured = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    if not measured:
        return Verdict(target, "not measured", None)
    name = max(measured, key=lambda name: measured[name])
    return Verdict(target, f"x {measured[name]:.2f} {name}", measured[name] <= limit)


def _at_most(what: str, worst: float, limit: float, unit: str) -> Verdict:
    return Verdict(f"{what}: ≤ {unit.format(limit)}", unit.format(worst), worst <= limit)


def _calls(whose: str, name: str, steps: Sequence[Series]) -> Verdict:
    over = [
        f"{series.subject.step.name} {series.most(name)}"
        for series in steps
        if series.subject.step and series.most(name) > getattr(series.subject.step, name)
    ]
    allowed = (
        "one a step"
        if whose == "Stripe"
        else "four to create and to attach, three to confirm, two elsewhere"
    )
    return Verdict(f"{whose} calls: at most {allowed}", ", ".join(over) or "as promised", not over)
