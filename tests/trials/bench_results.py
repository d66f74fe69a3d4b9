"""Invented measurements."""

from pathlib import Path

from trials.bench.artifacts import Function, Size
from trials.bench.measure import Sample, Series
from trials.bench.shopper import STEPS
from trials.bench.subjects import BARE, CALL, NODE, WITH_BYTECODE, Subject
from trials.bench.targets import Floor, Peers, Weights

_FUNCTION = Function("F", Path("/nowhere"), "handler.f", (), {}, 512)


def a_series(label: str, step: str | None = None, **numbers: float) -> Series:
    """Two rounds of the same numbers, in seconds; what is not said is like the floor."""
    sample = Sample(
        **{
            "first": 0.1,
            "init": 0.05,
            "first_cpu": 0.05,
            "warm": 0.001,
            "warm_backends": 0.0,
            "warm_own": 0.001,
            "warm_cpu": 0.0005,
            "slow": 0.151,
            "peak_megabytes": 40.0,
            "openings": 2,
            "calls": 3,
            "stripe_calls": 1,
            "dynamodb_calls": 2,
            **numbers,
        }  # type: ignore[arg-type]
    )
    found = next((one for one in STEPS if one.name == step), None)
    subject = Subject(label, _FUNCTION, {}, 200, dict, found)
    return Series(subject, [sample, sample], disk_bytes=5_000_000)


FLOOR = Floor(bare=a_series(BARE, first=0.05), call=a_series(CALL, warm_own=0.0011))
PEERS = Peers(
    python=[a_series(WITH_BYTECODE[0], first=0.9), a_series(WITH_BYTECODE[1], first=0.8)],
    node=a_series(NODE, first=0.25, warm=0.002),
)
WEIGHTS = Weights(
    layers={"PaymentsLayer": Size(1_000_000, 2_000_000), "OtherLayer": Size(8_000_000, 30_000_000)},
    functions={"SignupFunction": Size(600, 1000)},
)
