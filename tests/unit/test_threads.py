"""Work on many things at once."""

import threading
from collections.abc import Iterator

import pytest
from aws_lambda_powertools.logging.formatter import THREAD_LOCAL_KEYS

from payments import deadline, logs
from payments.stripe_gateway import pace
from payments.stripe_gateway.pace import Pace
from payments.threads import in_threads


def test_threads_have_the_deadline_the_logs_ids_and_the_pace() -> None:
    def do(name: str) -> tuple[object, ...]:
        logs.note(stripe_request_id=f"req_{name}")
        ids = dict(THREAD_LOCAL_KEYS.get())
        return deadline.remaining(3600), pace.current(), ids

    with deadline.start(30), logs.about(run="1"), pace.start(Pace(50)) as ours:
        found = dict(in_threads(do, ["a", "b", "c"], at_once=2))
        assert THREAD_LOCAL_KEYS.get() == {"run": "1"}
    assert {
        name: (at_most, its_pace is ours, ids) for name, (at_most, its_pace, ids) in found.items()
    } == {
        name: (pytest.approx(30, abs=5), True, {"run": "1", "stripe_request_id": f"req_{name}"})
        for name in ("a", "b", "c")
    }


def test_one_that_is_slow_keeps_nobody_else_waiting() -> None:
    # Given one that takes until all others are done
    others_done = threading.Event()

    def do(number: int) -> int:
        if number == 0:
            assert others_done.wait(30)
        return number

    # When
    order = []
    for number, _ in in_threads(do, range(20), at_once=4):
        order.append(number)
        if len(order) == 19:
            others_done.set()
    # Then
    assert order[-1] == 0
    assert sorted(order) == list(range(20))


def test_an_item_is_taken_when_a_thread_is_free_for_it() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = in_threads(str, items(), at_once=4)
    next(results)
    assert len(taken) == 4
    results.close()  # type: ignore[attr-defined]


def test_a_death_in_a_thread_ends_all() -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(in_threads(die, range(100), at_once=4))
