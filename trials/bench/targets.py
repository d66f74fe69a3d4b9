"""What was promised, and whether it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from trials.bench.artifacts import Size
from trials.bench.measure import Series

_OF_FASTAPI = 0.2
_OF_BARE_FIRST = 7
_OF_BARE_WARM = 1.5
_LAYERS_ZIPPED = 10_000_000
_LAYERS_UNZIPPED = 40_000_000
_FUNCTION_ZIPPED = 20_000


@dataclass(frozen=True, slots=True)
class Weights:
    """The sizes of one checkout's artifacts."""

    layers: dict[str, Size]
    functions: dict[str, Size]

    @property
    def all_layers(self) -> Size:
        """What Lambda counts for each function."""
        return Size(
            zipped=sum(size.zipped for size in self.layers.values()),
            unzipped=sum(size.unzipped for size in self.layers.values()),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target, and the worst that was measured."""

    target: str
    worst: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Floor:
    """What the others are compared with."""

    bare: Series
    call: Series  # the bare handler that makes one call
    fastapi: Series

    @property
    def call_seconds(self) -> float:
        """What a call costs its caller at the least, besides the time that the backend takes."""
        return max(self.call.median("warm_own") - self.bare.median("warm_own"), 0)

    def warm_seconds(self, series: Series) -> float:
        """The bare handler's own time and that of the calls: nobody can be faster."""
        calls = series.median("warm_backends") + series.most("calls") * self.call_seconds
        return self.bare.median("warm") + calls

    def of_fastapi(self, series: Series) -> float:
        """The first request, in those of the FastAPI baseline."""
        return series.median("first") / self.fastapi.median("first")

    def of_bare(self, series: Series) -> float:
        """The first request, in those of the bare handler."""
        return series.median("first") / self.bare.median("first")

    def of_floor(self, series: Series) -> float:
        """A warm request, in the least it could take; own time and calls are of one request."""
        own_and_calls = series.median("warm_own") + series.median("warm_backends")
        return own_and_calls / self.warm_seconds(series)


def judge(steps: Sequence[Series], floor: Floor, weights: Weights) -> list[Verdict]:
    """Each target, by the step that is farthest from it."""
    layers = weights.all_layers
    largest = max(size.zipped for size in weights.functions.values())
    of_fastapi = max(map(floor.of_fastapi, steps))
    of_bare = max(map(floor.of_bare, steps))
    of_floor = max(map(floor.of_floor, steps))
    return [
        _at_most("first request, of the FastAPI baseline's", of_fastapi, _OF_FASTAPI, "x {:.2f}"),
        _at_most("first request, of the bare handler's", of_bare, _OF_BARE_FIRST, "x {:.1f}"),
        _at_most(
            "warm request, of the bare handler's and its backend calls'",
            of_floor,
            _OF_BARE_WARM,
            "x {:.2f}",
        ),
        _calls("Stripe", "stripe_calls", steps),
        _calls("DynamoDB", "dynamodb_calls", steps),
        _at_most("all layers, zipped", layers.zipped / 1e6, _LAYERS_ZIPPED / 1e6, "{:.1f} MB"),
        _at_most(
            "all layers, unzipped", layers.unzipped / 1e6, _LAYERS_UNZIPPED / 1e6, "{:.1f} MB"
        ),
        _at_most("a function's own zip", largest / 1e3, _FUNCTION_ZIPPED / 1e3, "{:.1f} kB"),
    ]


def _at_most(what: str, worst: float, limit: float, unit: str) -> Verdict:
    return Verdict(f"{what}: ≤ {unit.format(limit)}", unit.format(worst), worst <= limit)


def _calls(whose: str, name: str, steps: Sequence[Series]) -> Verdict:
    over = [
        f"{series.subject.step.name} {series.most(name)}"
        for series in steps
        if series.subject.step and series.most(name) > getattr(series.subject.step, name)
    ]
    allowed = "one a step" if whose == "Stripe" else "three to create, two elsewhere"
    return Verdict(f"{whose} calls: at most {allowed}", ", ".join(over) or "as promised", not over)
