"""One deadline for a whole request."""

import time
from contextvars import copy_context
from threading import Thread

import pytest

from payments import deadline


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says."""
    moment = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    return moment


def test_without_one_everything_has_its_own_time() -> None:
    assert deadline.remaining(7) == 7
    assert deadline.allows(1000)


def test_what_is_left_shrinks_and_is_never_less_than_nothing(clock: list[float]) -> None:
    with deadline.start(10):
        assert deadline.remaining(7) == 7
        clock[0] += 6
        assert deadline.remaining(7) == 4
        assert deadline.allows(4)
        assert not deadline.allows(4.1)
        clock[0] += 6
        assert deadline.remaining(7) == 0
    assert deadline.remaining(7) == 7


def test_a_deadline_inside_another_one_is_no_later() -> None:
    with deadline.start(10):
        with deadline.start(3):
            assert deadline.remaining(60) == 3
        with deadline.start(30):
            assert deadline.remaining(60) == 10
        assert deadline.remaining(60) == 10


def test_a_thread_has_it_if_it_is_passed_on() -> None:
    left = []
    with deadline.start(10):
        context = copy_context()
        threads = [
            Thread(target=lambda: left.append(deadline.remaining(60))),
            Thread(target=context.run, args=(lambda: left.append(deadline.remaining(60)),)),
        ]
        for thread in threads:
            thread.start()
            thread.join()
    assert left == [60, 10]
