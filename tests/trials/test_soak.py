"""The settings of a soak, and its report."""

from dataclasses import replace

import pytest

from local import StackError
from tests.trials.soak_evidence import FINE
from tests.trials.test_soak_audit_replies import CONFIRM, reply
from trials.soak.__main__ import _settings
from trials.soak.difference import Difference
from trials.soak.ledger import Ledger
from trials.soak.report import Report


def test_by_default_it_takes_two_minutes_and_any_seed() -> None:
    settings = _settings({})

    assert settings.seconds == 120
    assert settings.seed >= 0
    assert settings.everybody


def test_time_seed_and_the_running_stack_can_be_asked_for() -> None:
    settings = _settings({"SECONDS": "7", "SEED": "42", "RUNNING": "1"})

    assert (settings.seconds, settings.seed, settings.everybody) == (7, 42, False)


@pytest.mark.parametrize(
    ("name", "value"), [("SECONDS", "two"), ("SECONDS", "0"), ("SECONDS", "901"), ("SEED", "-1")]
)
def test_a_setting_that_is_not_valid_is_named(name: str, value: str) -> None:
    with pytest.raises(StackError, match=name):
        _settings({name: value})


def test_the_summary_counts_and_lists_the_differences() -> None:
    evidence = replace(FINE, replies=[reply(CONFIRM, 200, {}), reply(CONFIRM, 402, {})])
    found = [Difference("status", "pay_1", "'succeeded' in the row, 'canceled' in Stripe")]

    summary = str(Report(evidence, Ledger(), found, load_seconds=120, settle_seconds=9))

    assert "Requests: 2" in summary
    assert "1 200, 1 402" in summary
    assert "Payments: 1: 1 succeeded" in summary
    assert "\n1 difference\n" in summary
    assert "pay_1  'succeeded' in the row, 'canceled' in Stripe" in summary
