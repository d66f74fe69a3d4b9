"""What was measured, as a page: docs/benchmarks.md and its plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

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
from trials.bench.targets import Floor, Peers, Weights, compare, judge

NO_NODE = "Node 20 or later and npm are not on PATH"
_NONE = "-"
_VERDICTS = {True: "reached", False: "**missed**", None: _NONE}
_INIT_REPORT = "https://bitesizedserverless.com/bite/lambda-cold-start-bootstrap/"
_HOW = """\
Each function is a built artifact, placed where no bytecode can be written, and runs under AWS's
runtime emulator: in Python with AWS's runtime client, in Node with
[a loop](../trials/bench/node_runtime.cjs) that does the same and starts some 10 ms sooner than
AWS's own. Its backends are MiniStack and the Stripe simulator on the same machine; a relay before
each of them, and before each service of AWS, counts and times the calls. {transport}
The files are in the page cache and the network is this machine's: on AWS both cost more, for all
alike. A number is the median of {rounds} rounds; each round starts every function anew, in another
order.

- **First request**: the process starts, initialises and answers.
- **Disk**: the size of the files of function and layers that a start and the first request read,
  wholly or in part. On AWS they come from disk. Python and Node themselves are not in it.
- **Opened ahead**: connections that the function opened before it had anything to ask, by a request
  of `HEAD /`. They are no calls.
- **Warm**: a later request, with backends that answer at once. **Stripe {latency:.0f} ms**: the
  same with Stripe that much slower.
- **Floor**: the bare handler's own time plus that of the request's backend calls. A call's time is
  what the relay measures, from the request's arrival to the answer's departure, and what it costs
  a handler that sends prepared bytes to the relay and reads the answer ("bare handler, one call").
- **CPU**: user and system time of the function's process.

The bare handler returns at once. The other baselines are the create step as one would write it
otherwise ([trials/bench/baselines](../trials/bench/baselines)): with FastAPI, Mangum, boto3 and
stripe; in the style of Powertools' samples, with its resolver, parser, tracer and idempotency and
boto3's resources; in Node with AWS SDK v3, stripe-node and zod, as one minified file. The two in
Python are there as plain `sam build` leaves them and with bytecode beside every module, which is
all that differs. Every step's first request is compared with theirs, but of the warm ones only that
of `create_payment_intent`, which does what they do. Powertools' idempotency makes two calls more.
The emulator hands on no trace, so its tracer works less than on AWS."""
_TRANSPORTS = {
    "TLS": (
        "The relays speak TLS, with an RSA certificate by an authority that the functions find "
        "among the system's: {certificates} certificates to read, about as many as Amazon Linux "
        "has. Node has its own built in."
    ),
    "plain HTTP": "All of it is plain HTTP, which AWS does not have: no certificates are read.",
}


@dataclass(frozen=True, slots=True)
class Results:
    """All there is to tell."""

    command: str
    machine: str
    transport: Literal["TLS", "plain HTTP"]
    certificates: int
    rounds: int
    baselines: Sequence[Series]
    steps: Sequence[Series]  # of every checkout
    floor: Floor
    peers: Peers
    weights: dict[str, Weights]
    baseline_sizes: dict[str, Size]
    settings: Sequence[Setting]
    no_sweep: str

    @property
    def series(self) -> Sequence[Series]:
        """All rows."""
        return (*self.baselines, *self.steps)

    @property
    def before(self) -> str | None:
        """The checkout that others are compared with: the first of several."""
        return next(iter(self.weights)) if len(self.weights) > 1 else None


def page(results: Results, *, plot: str | None) -> str:
    """The page; `plot` is where its chart is."""
    transport = _TRANSPORTS[results.transport].format(certificates=results.certificates)
    how = _HOW.format(
        rounds=results.rounds, latency=STRIPE_LATENCY_SECONDS * 1000, transport=transport
    )
    parts = ["# Benchmarks", f"`{results.command}`, {results.machine}", how]
    parts += [f"![First request]({plot})"] if plot else []
    parts.append("## First requests\n\n" + _first_requests(results))
    parts.append("## Warm requests\n\n" + _warm_requests(results))
    for label, weights in results.weights.items():
        parts.append(f"## Targets: {label}\n\n" + _targets(label, results))
        parts.append(f"## Sizes: {label}\n\n" + _sizes(weights.layers | weights.functions))
    parts.append("## Sizes: baselines\n\n" + _sizes(results.baseline_sizes))
    parts.append("## Memory\n\n" + _memory(results))
    return "\n\n".join(parts) + "\n"


def chart(results: Results) -> str:
    """The first requests, side by side."""
    several = len(results.weights) > 1
    bars = [
        Bar(_name(series, several=several), series.median("first") * 1000, _is_ours(series))
        for series in results.series
    ]
    title = f"First request over {results.transport}: start, initialise, answer"
    return bar_chart(title, bars)


def _first_requests(results: Results) -> str:
    several = len(results.weights) > 1
    header = ["", "ms", "of best Python", "of Node", "init ms", "CPU ms", "disk MB", "opened ahead"]
    peers = results.peers
    rows = [
        [
            _name(series, several=several),
            _ms(series, "first"),
            f"{peers.first_of_python(series):.2f}",
            _times(peers.first_of_node(series)),
            _ms(series, "init"),
            _ms(series, "first_cpu"),
            _NONE if series.disk_bytes is None else f"{series.disk_bytes / 1e6:.1f}",
            str(series.most("openings")),
        ]
        for series in results.series
    ]
    text = _table(header, rows)
    return text if peers.node else f"{text}\n\nThe Node baseline is left out: {NO_NODE}."


def _warm_requests(results: Results) -> str:
    several = len(results.weights) > 1
    slow = f"Stripe {STRIPE_LATENCY_SECONDS * 1000:.0f} ms"
    header = ["", "ms", "of Node", "floor ms", "of floor", slow, "CPU ms", "peak MB"]
    header += ["Stripe calls", "DynamoDB calls"]
    floor = results.floor
    rows = [
        [
            _name(series, several=several),
            f"{series.median('warm') * 1000:.2f}",
            _times(results.peers.warm_of_node(series)),
            f"{floor.warm_seconds(series) * 1000:.2f}",
            f"{floor.of_floor(series):.2f}",
            _ms(series, "slow"),
            f"{series.median('warm_cpu') * 1000:.2f}",
            f"{series.median('peak_megabytes'):.0f}",
            str(series.most("stripe_calls")),
            str(series.most("dynamodb_calls")),
        ]
        for series in results.series
    ]
    return _table(header, rows)


def _targets(label: str, results: Results) -> str:
    steps = _of(label, results.steps)
    verdicts = judge(steps, results.floor, results.peers, results.weights[label])
    if results.before and label != results.before:
        before = _of(results.before, results.steps)
        verdicts += compare(steps, before, transport=results.transport)
    rows = [[verdict.target, verdict.worst, _VERDICTS[verdict.holds]] for verdict in verdicts]
    return _table(["target", "worst", ""], rows)


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


def _times(ratio: float | None) -> str:
    return _NONE if ratio is None else f"{ratio:.2f}"


def _ms(series: Series, name: str) -> str:
    return f"{series.median(name) * 1000:.0f}"
