"""The attack counts right, keeps to its time, and plays against nothing but this machine."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from payments.domain.client import Client
from payments.domain.errors import TooManyAttemptsError
from payments.domain.limits import Limits
from payments.guard import Guard
from tests.stack.test_state import STACK
from tests.support.fakes.repositories import FakeLimits
from trials.attack.__main__ import _write
from trials.attack.attack import Scenario, attack
from trials.attack.policy import Policy
from trials.attack.shop import GOOD_CARD, Answer, Shop, addresses


class GuardedShop:
    """Our rules, with a bank that refuses every card of a thief."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counters = FakeLimits()
        self._turn = threading.Lock()
        self._made = 0

    def accounts(self, number: int) -> list[str]:
        return [f"person-{self._next()}" for _ in range(number)]

    def save(self, token: str, address: str, number: str) -> Answer:
        card = f"pm_{self._next()}"
        with self._turn:
            guard = Guard(self._limits, self._counters, Client(address))
            try:
                guard.admit_card(token, card)
            except TooManyAttemptsError:
                return Answer(429, {})
            if number != GOOD_CARD:
                guard.note_decline(token, card, which="saving")
                return Answer(402, {})
            return Answer(201, {"payment_method_id": card})

    def pay(self, _token: str, _address: str, card: str) -> Answer:
        return Answer(200, {"status": "succeeded"}) if card else Answer(422, {})

    def _next(self) -> int:
        with self._turn:
            self._made += 1
            return self._made


def played(scenario: Scenario, limits: Limits) -> Any:
    """The result of one second."""
    shop = cast("Shop", GuardedShop(limits))
    return attack(shop, scenario, seconds=1, interrupted=threading.Event())


def test_a_shop_with_limits_holds_and_one_without_does_not() -> None:
    scenario = Scenario("5 accounts", 5, one_address=True)
    guarded = played(scenario, Limits())
    assert (guarded.accepted, guarded.policy, guarded.held) == (25, 25, True)
    assert guarded.tried > guarded.accepted
    assert guarded.served == 1
    assert not played(scenario, Limits(declines_per_person=0)).held


def test_what_the_shop_should_not_answer_is_no_success() -> None:
    result = played(Scenario("1 account", 1, one_address=True), Limits())
    result.statuses[500] += 1
    assert not result.held


@pytest.mark.parametrize(
    ("accounts", "seconds", "at_once", "most"),
    [(1, 1, 1, 5), (1, 29, 1, 5), (1, 30, 1, 6), (1, 90, 1, 7), (50, 1, 1, 250), (1, 1, 10, 14)],
)
def test_the_policy_is_five_declines_and_one_after_each_pause(
    accounts: int, seconds: int, at_once: int, most: int
) -> None:
    assert Policy(accounts, seconds, at_once).most_attempts == most


def test_a_single_person_never_has_more_than_the_days_declines() -> None:
    assert Policy(1, 1, 50).most_attempts == Limits().declines_per_person


def test_each_address_is_in_a_network_of_its_own() -> None:
    assert len({Client(each).network for each in addresses(1000)} - {None}) == 1000


def test_nobody_elses_machine_is_attacked() -> None:
    with httpx.Client() as http:
        changed: list[dict[str, Any]] = [
            {"api_url": "https://shop.example.com/v1"},
            {"stripe_api_url": "https://api.stripe.com"},
            {"simulated_stripe": False},
        ]
        for changes in changed:
            with pytest.raises(ValueError, match="this machine only"):
                Shop(replace(STACK, **changes), http)


def test_the_figures_go_between_the_two_comments(tmp_path: Path) -> None:
    page = tmp_path / "limits.md"
    page.write_text("before\n<!-- make attack -->\nold\n<!-- end -->\nafter\n")
    _write(page, ["| figures |"], 15)
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "| figures |" in lines
    assert "old" not in lines
