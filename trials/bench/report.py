"""What was measured, as a page: docs/benchmarks.md and its plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trials.bench.artifacts import Size
from trials.bench.measure import STRIPE_LATENCY_SECONDS, Series
from trials.bench.plot import Bar, bar_chart
from trials.bench.sweep import (
    DOLLARS_PER_GIGABYTE_SECOND,
    DOLLARS_PER_MILLION_REQUESTS,
    FIRST_REQUESTS,
    Setting,
    cheapest,
)
from trials.bench.targets import Floor, Weights, judge

_INIT_REPORT = "https://bitesizedserverless.com/bite/lambda-cold-start-bootstrap/"
_HOW = """\
Each function is the artifact of `sam build`, placed where no bytecode can be written, and runs
under AWS's runtime emulator and runtime client. Its backends are MiniStack and the Stripe
simulator over plain HTTP on the same machine; a relay before each counts and times the calls. The
files are in the page cache, and nothing here has TLS: on AWS both cost more, for all alike. A
number is the median of {rounds} rounds; each round starts every function anew, in another order.

- **First request**: the process starts, initialises and answers.
- **Warm**: a later request, with backends that answer at once. **Stripe {latency:.0f} ms**: the
  same with Stripe that much slower.
- **Floor**: the bare handler's own time plus that of the request's backend calls. A call's time is
  what the relay measures, from the request's arrival to the answer's departure, and what it costs
  a handler that sends prepared bytes to the relay and reads the answer ("bare handler, one call").
- **CPU**: user and system time of the function's process.

The bare handler returns at once. The FastAPI baseline is the create step with FastAPI, Mangum,
boto3 and stripe, the Powertools one the same in the style of its samples, with its resolver,
parser, tracer and idempotency and boto3's resources; both are built by plain `sam build`
([trials/bench/baselines](../trials/bench/baselines)). The emulator hands on no trace, so the
tracer works less than on AWS."""


@dataclass(frozen=True, slots=True)
class Results:
    """All there is to tell."""

    machine: str
    rounds: int
    baselines: Sequence[Series]
    steps: Sequence[Series]  # of every checkout
    floor: Floor
    weights: dict[str, Weights]
    baseline_sizes: dict[str, Size]
    settings: Sequence[Setting]
    no_sweep: str


def page(results: Results, *, plot: str | None) -> str:
    """The page; `plot` is where its chart is."""
    how = _HOW.format(rounds=results.rounds, latency=STRIPE_LATENCY_SECONDS * 1000)
    parts = ["# Benchmarks", f"`make bench`, {results.machine}", how]
    parts += [f"![First request]({plot})"] if plot else []
    parts.append("## Requests\n\n" + _requests(results))
    for label, weights in results.weights.items():
        steps = _of(label, results.steps)
        parts.append(f"## Targets: {label}\n\n" + _targets(steps, results.floor, weights))
        parts.append(f"## Sizes: {label}\n\n" + _sizes(weights.layers | weights.functions))
    parts.append("## Sizes: baselines\n\n" + _sizes(results.baseline_sizes))
    parts.append("## Memory\n\n" + _memory(results))
    return "\n\n".join(parts) + "\n"


def chart(results: Results) -> str:
    """The first requests, side by side."""
    several = len(results.weights) > 1
    bars = [
        Bar(_name(series, several=several), series.median("first") * 1000, _is_ours(series))
        for series in (*results.baselines, *results.steps)
    ]
    return bar_chart("First request: start, initialise, answer", bars)


def _requests(results: Results) -> str:
    several = len(results.weights) > 1
    slow = f"Stripe {STRIPE_LATENCY_SECONDS * 1000:.0f} ms"
    header = ["", "first ms", "of FastAPI", "of bare", "init ms", "first CPU ms"]
    header += ["warm ms", "floor ms", "of floor", slow, "warm CPU ms"]
    header += ["peak MB", "Stripe calls", "DynamoDB calls"]
    floor = results.floor
    rows = [
        [
            _name(series, several=several),
            _ms(series, "first"),
            f"{floor.of_fastapi(series):.2f}",
            f"{floor.of_bare(series):.1f}",
            _ms(series, "init"),
            _ms(series, "first_cpu"),
            f"{series.median('warm') * 1000:.2f}",
            f"{floor.warm_seconds(series) * 1000:.2f}",
            f"{floor.of_floor(series):.2f}",
            _ms(series, "slow"),
            f"{series.median('warm_cpu') * 1000:.2f}",
            f"{series.median('peak_megabytes'):.0f}",
            str(series.most("stripe_calls")),
            str(series.most("dynamodb_calls")),
        ]
        for series in (*results.baselines, *results.steps)
    ]
    return _table(header, rows)


def _targets(steps: Sequence[Series], floor: Floor, weights: Weights) -> str:
    rows = [
        [verdict.target, verdict.worst, "reached" if verdict.holds else "**missed**"]
        for verdict in judge(steps, floor, weights)
    ]
    return _table(["target", "worst step", ""], rows)


def _sizes(sizes: Mapping[str, Size]) -> str:
    rows = [
        [name, f"{size.zipped / 1000:,.1f}", f"{size.unzipped / 1000:,.1f}"]
        for name, size in sizes.items()
    ]
    return _table(["", "zipped kB", "unzipped kB"], rows)


def _memory(results: Results) -> str:
    if not results.settings:
        return f"Not measured: {results.no_sweep}."
    chosen = cheapest(results.settings)
    header = ["MB", "first ms", "warm ms", f"Stripe {STRIPE_LATENCY_SECONDS * 1000:.0f} ms"]
    header += ["average ms", "$ per million"]
    rows = [
        [
            f"**{setting.megabytes}**" if setting is chosen else str(setting.megabytes),
            _ms(setting.series, "first"),
            f"{setting.series.median('warm') * 1000:.1f}",
            _ms(setting.series, "slow"),
            f"{setting.seconds * 1000:.0f}",
            f"{setting.dollars:.2f}",
        ]
        for setting in results.settings
    ]
    step = results.settings[0].series.subject.step
    return (
        f"`{step.name if step else ''}` with the share of a core that Lambda gives for the "
        "memory: a quota in each 20 ms, set by a control group. Initialisation gets no more than "
        f"that here, while AWS is [reported]({_INIT_REPORT}) not to limit it. The average is over "
        f"requests of which one in {1 / FIRST_REQUESTS:.0f} is a first one, each with "
        f"{STRIPE_LATENCY_SECONDS * 1000:.0f} ms of Stripe. At ${DOLLARS_PER_GIGABYTE_SECOND} per "
        f"GB-second and ${DOLLARS_PER_MILLION_REQUESTS:.2f} per million requests, "
        f"{chosen.megabytes} MB is the cheapest within a tenth of the fastest."
        f"\n\n{_table(header, rows)}"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _of(label: str, steps: Sequence[Series]) -> list[Series]:
    return [series for series in steps if series.subject.label == label]


def _name(series: Series, *, several: bool) -> str:
    subject = series.subject
    if subject.step is None:
        return subject.label
    return f"{subject.label}: {subject.step.name}" if several else subject.step.name


def _is_ours(series: Series) -> bool:
    return series.subject.step is not None


def _ms(series: Series, name: str) -> str:
    return f"{series.median(name) * 1000:.0f}"
