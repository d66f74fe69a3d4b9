"""What the numbers are said to mean."""

from tests.trials.bench_results import FLOOR, WEIGHTS, a_series
from trials.bench.artifacts import Size
from trials.bench.report import Results, chart, page
from trials.bench.subjects import FASTAPI
from trials.bench.sweep import Setting, cheapest, dollars_per_million
from trials.bench.targets import Weights, judge


def missed(weights: Weights = WEIGHTS, **numbers: float) -> list[str]:
    """The targets that a step with these numbers misses."""
    steps = [a_series("Till", "get_payment"), a_series("Till", "get_payment", **numbers)]
    verdicts = judge(steps, FLOOR, weights)
    assert len(verdicts) == 8
    return [verdict.target for verdict in verdicts if not verdict.holds]


def test_a_fast_step_reaches_all_targets() -> None:
    assert missed() == []


def test_the_worst_step_counts() -> None:
    (target,) = missed(first=0.21)
    assert "FastAPI" not in target or "0.2" in target
    assert len(missed(first=0.36)) == 2
    assert "warm request" in missed(warm_own=0.0021)[0]  # the floor is 1 ms and 3 calls of 0.1
    assert missed(warm_own=0.0021, warm_backends=0.001) == []


def test_calls_and_sizes_count() -> None:
    assert "Stripe calls" in missed(stripe_calls=2)[0]
    assert "DynamoDB calls" in missed(dynamodb_calls=3)[0]
    heavy = Weights(WEIGHTS.layers, {"F": WEIGHTS.layers["PaymentsLayer"]})
    assert "own zip" in missed(heavy)[0]


def test_a_million_requests_are_billed_by_the_millisecond() -> None:
    assert round(dollars_per_million(1024, 0.1501), 4) == round(0.2 + 151 * 1000 * 1.33334e-5, 4)
    assert dollars_per_million(512, 0.1) < dollars_per_million(1024, 0.1)


def test_the_cheapest_setting_is_about_as_fast_as_the_fastest() -> None:
    settings = [
        Setting(megabytes, a_series("Till", "get_payment", slow=slow, first=first))
        for megabytes, slow, first in (
            (256, 0.160, 1.7),  # the fastest when warm, as all are; not with its first requests
            (512, 0.159, 0.4),
            (1769, 0.158, 0.2),
        )
    ]
    assert cheapest(settings).megabytes == 512


def test_the_page_tells_all_of_it() -> None:
    # Given
    results = Results(
        machine="a machine",
        rounds=7,
        baselines=[FLOOR.bare, FLOOR.call, FLOOR.fastapi],
        steps=[a_series("Till", "get_payment", first=0.3)],
        floor=FLOOR,
        weights={"Till": WEIGHTS},
        baseline_sizes={FASTAPI: Size(20_000_000, 80_000_000)},
        settings=[Setting(512, a_series("Till", "get_payment"))],
        no_sweep="",
    )
    # When
    text = page(results, plot="benchmarks.svg")
    # Then
    assert "| get_payment | 300 | 0.30 | 6.0 |" in text
    assert "**missed**" in text
    assert "512 MB is the cheapest" in text
    assert "| FastAPI + Mangum | 20,000.0 | 80,000.0 |" in text
    assert "![First request](benchmarks.svg)" in text
    assert chart(results).count("<rect") == 5
