"""`python -m trials.bench`: build, measure, and tell."""

import argparse
import fcntl
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.options import free_port
from local.paths import LOCAL, ROOT
from local.processes import StackError, StopRequestedError, Supervisor
from trials.bench.artifacts import size_of
from trials.bench.authority import Authority
from trials.bench.backends import running_backends
from trials.bench.cpu_share import NoControlGroupsError
from trials.bench.machine import description
from trials.bench.measure import measure
from trials.bench.node import node_version
from trials.bench.report import NO_NODE, Results, chart, page
from trials.bench.runtime import RuntimeFailedError
from trials.bench.shopper import CREATE, STEPS
from trials.bench.subjects import (
    BARE,
    CALL,
    NODE,
    WITH_BYTECODE,
    Checkout,
    baselines,
    build_baselines,
    build_till,
    till,
)
from trials.bench.sweep import Setting, sweep
from trials.bench.targets import Floor, Peers, Weights

_DIRECTORY = LOCAL / "bench"
_NAMES = tuple(step.name for step in STEPS)
_MAKE_BENCH = ["--report", "docs/benchmarks.md"]
_SWEPT = CREATE


def main() -> int:
    """Run, and return the exit code."""
    options = _options(sys.argv[1:])
    with Supervisor() as supervisor:
        supervisor.stop_on_signals()
        try:
            results = _run(supervisor, options)
        except (StackError, RuntimeFailedError) as error:
            print(error, file=sys.stderr)
            return 1
        except StopRequestedError:
            return 130
    print(page(results, plot=None))
    if options.report:
        plot: Path = options.report.with_suffix(".svg")
        plot.write_text(chart(results))
        options.report.write_text(page(results, plot=plot.name))
        _progress(f"wrote {options.report} and {plot}")
    return 0


def _run(supervisor: Supervisor, options: argparse.Namespace) -> Results:
    logs = _DIRECTORY / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    checkouts: list[Checkout] = options.checkout or [Checkout("Till", ROOT)]
    with ExitStack() as cleanup:
        cleanup.enter_context(_alone(supervisor))
        if not node_version():
            _progress(f"the Node baseline is left out: {NO_NODE}")
        machine = description()
        _progress("building")
        built_baselines = build_baselines(supervisor, _DIRECTORY)
        builds = [build_till(supervisor, checkout, _DIRECTORY) for checkout in checkouts]
        weights = {
            checkout.label: _weights(for_lambda)
            for checkout, (_, for_lambda) in zip(checkouts, builds, strict=True)
        }
        _progress("starting the backends")
        authority = None if options.plain else Authority.found(_DIRECTORY / "authority")
        backends = cleanup.enter_context(
            running_backends(supervisor, _DIRECTORY, free_port(), authority=authority)
        )
        subjects = baselines(built_baselines, backends)
        for checkout, (build, _) in zip(checkouts, builds, strict=True):
            steps = till(checkout, build, backends, options.steps, logs)
            subjects += cleanup.enter_context(steps)
        series = measure(
            subjects, backends, rounds=options.runs, logs=logs, progress=_progress_of(supervisor)
        )
        settings: list[Setting] = []
        no_sweep = "left out"
        if options.memory:
            swept = [one for one in subjects if one.step and one.step.name == _SWEPT][-1:]
            try:
                for subject in swept:
                    settings = sweep(
                        subject,
                        backends,
                        rounds=options.runs,
                        logs=logs,
                        progress=_progress_of(supervisor),
                    )
            except NoControlGroupsError as error:
                no_sweep = f"no control group can be made here ({error})"
    peers = {one.subject.label: one for one in series if one.subject.step is None}
    return Results(
        command=options.command,
        machine=machine,
        transport="TLS" if authority else "plain HTTP",
        certificates=authority.certificate_count if authority else 0,
        rounds=options.runs,
        baselines=list(peers.values()),
        steps=[one for one in series if one.subject.step is not None],
        floor=Floor(bare=peers[BARE], call=peers[CALL]),
        peers=Peers([peers[label] for label in WITH_BYTECODE], peers.get(NODE)),
        weights=weights,
        baseline_sizes=built_baselines.sizes,
        settings=settings,
        no_sweep=no_sweep,
    )


@contextmanager
def _alone(supervisor: Supervisor) -> Iterator[None]:
    """Wait for another benchmark of this checkout: both would measure each other."""
    with (_DIRECTORY / "lock").open("w") as lock:

        def is_ours() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not is_ours():
            _progress("waiting for another benchmark to end")
            supervisor.wait_until(is_ours)
        yield


def _weights(built: Path) -> Weights:
    parts = sorted(path for path in built.iterdir() if path.is_dir())
    return Weights(
        layers={part.name: size_of(part) for part in parts if part.name.endswith("Layer")},
        functions={part.name: size_of(part) for part in parts if part.name.endswith("Function")},
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trials.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="rounds, of which the median counts")
    parser.add_argument("--steps", type=_steps, default=_NAMES, help="some only, with commas")
    parser.add_argument(
        "--no-memory", dest="memory", action="store_false", help="leave the memory settings out"
    )
    parser.add_argument("--plain", action="store_true", help="plain HTTP instead of TLS")
    parser.add_argument("--report", type=Path, help="a .md to write, with an .svg beside it")
    parser.add_argument(
        "--checkout",
        type=_checkout,
        action="append",
        metavar="NAME=DIRECTORY",
        help="what to measure instead of this checkout; several are compared with the first",
    )
    parser.set_defaults(command=_command(arguments))
    return parser.parse_args(arguments)


def _command(arguments: Sequence[str]) -> str:
    """What makes this page."""
    if list(arguments) == _MAKE_BENCH:
        return "make bench"
    return shlex.join(["python", "-m", "trials.bench", *arguments])


def _steps(names: str) -> tuple[str, ...]:
    chosen = tuple(names.split(","))
    for name in chosen:
        if name not in _NAMES:
            raise argparse.ArgumentTypeError(f"no step is named {name}; there are {_NAMES}")
    return chosen


def _checkout(text: str) -> Checkout:
    label, separator, directory = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("say NAME=DIRECTORY")
    return Checkout(label, Path(directory).resolve())


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _progress_of(supervisor: Supervisor) -> Callable[[str], None]:
    """Tell what is going on, and notice what should end it."""

    def progress(message: str) -> None:
        supervisor.check()
        _progress(message)

    return progress


if __name__ == "__main__":
    sys.exit(main())
