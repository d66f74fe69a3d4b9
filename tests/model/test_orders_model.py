"""Whatever happens, in any order, an order is paid once at most, and people who go are gone.

As in test_model.py, Hypothesis makes up days: a program makes orders, people and the program pay
them, staff capture, refund and cancel, Stripe fails, and some people delete their account.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine_orders import Ordering
from tests.model.orders_world import OrdersWorld

_WEEKS = int(os.environ.get("TILL_MODEL_WEEKS", "2"))

_A_WEEK = settings(
    max_examples=3,
    stateful_step_count=40,
    derandomize=False,  # the seed is given
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("week", range(_WEEKS))
def test_whatever_happens_an_order_is_paid_once_and_who_goes_is_gone(
    orders_world: OrdersWorld, week: int, pytestconfig: pytest.Config
) -> None:
    @seed(f"{pytestconfig.getoption('--hypothesis-seed')}, week {week}")
    class InThisWorld(Ordering):
        def __init__(self) -> None:
            super().__init__(orders_world)

    run_state_machine_as_test(InThisWorld, settings=_A_WEEK)
