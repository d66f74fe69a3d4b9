"""Whatever happens, in any order, nobody pays twice and every row ends up as Stripe has it.

Hypothesis makes up days in the life of Till. A step is someone's request, something that the bank,
the merchant or Stripe does, or the passing of time. After each step we check everything that must
always be true. At the end of the day everything still on its way arrives; then Till must agree with
Stripe, and must have published every change. See machine.py and machine_background.py for what
happens, and world.py, requests.py and table.py for what must be true.

The weeks are the same in each run. To look for new ones, say how many, and give a seed, which
brings the same ones again:

    TILL_MODEL_WEEKS=50 .venv/bin/python -m pytest tests/model --hypothesis-seed=1 -x
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine_background import EverythingElse
from tests.model.world import World

_WEEKS = int(os.environ.get("TILL_MODEL_WEEKS", "2"))

# A week is short because Hypothesis starts to vary earlier examples after the tenth.
_A_WEEK = settings(
    max_examples=6,
    stateful_step_count=40,
    derandomize=False,  # the seed is given
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("week", range(_WEEKS))
def test_whatever_happens_nobody_pays_twice_and_every_row_ends_up_as_stripe_has_it(
    world: World, week: int, pytestconfig: pytest.Config
) -> None:
    @seed(f"{pytestconfig.getoption('--hypothesis-seed')}, week {week}")
    class InThisWorld(EverythingElse):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(InThisWorld, settings=_A_WEEK)
