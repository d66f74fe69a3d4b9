"""The guard: what it counts, what it asks the table, and what it does without the table."""

from collections.abc import Callable
from typing import Any

import pytest

from payments.domain.attempt import DAY
from payments.domain.client import Client
from payments.domain.errors import RateLimitedError, ServiceUnavailableError, TooManyAttemptsError
from payments.domain.limits import Limits
from payments.guard import Guard
from tests.support.fakes.repositories import FakeLimits, FakePayments
from tests.unit.builders import a_payment, a_payment_method

ADDRESS = Client("198.51.100.7")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time, in seconds; change it to let time pass."""
    at = [1_800_000_000]
    monkeypatch.setattr("payments.guard.time.time", lambda: float(at[0]))
    return at


def charge(guard: Guard, number: int, *, declined: bool = False) -> None:
    """Ada's attempt to pay one more payment."""
    guard.admit_charge("ada", f"pay_{number}", attempt="1")
    if declined:
        guard.note_decline("ada", f"pay_{number}", which="1")


def test_an_attempt_costs_one_call_and_a_decline_another(guard: Guard, limits: FakeLimits) -> None:
    charge(guard, 1)
    assert limits.calls == ["add"]
    charge(guard, 2, declined=True)
    assert limits.calls == ["add"] * 3


def test_the_same_attempt_counts_once(guard: Guard, limits: FakeLimits) -> None:
    for _ in range(50):
        charge(guard, 1)
    assert len(limits.people["ada"]["attempts"]) == 1


def test_pauses_grow_with_declines(guard: Guard, clock: list[int]) -> None:
    for number in range(5):
        charge(guard, number, declined=True)
    told = []
    for number in range(5, 8):
        with pytest.raises(TooManyAttemptsError) as refused:
            charge(guard, number)
        told.append(refused.value.wait_seconds)
        clock[0] += refused.value.wait_seconds
        charge(guard, number, declined=True)
    assert told == [30, 60, 120]


def test_what_is_refused_leaves_no_trace(guard: Guard, limits: FakeLimits) -> None:
    for number in range(5):
        charge(guard, number, declined=True)
    with pytest.raises(TooManyAttemptsError):
        charge(guard, 5)
    assert "pay_5:1" not in limits.people["ada"]["attempts"]


def test_success_never_counts(guard: Guard, payments: FakePayments, limits: FakeLimits) -> None:
    for number in range(100):
        guard.admit_payment("ada", f"pay_{number}")
        charge(guard, number)
        payments.put(a_payment(payment_id=f"pay_{number}", status="succeeded"))
    assert len(limits.people["ada"]["open_payments"]) <= 41
    assert len(limits.people["ada"]["attempts"]) <= 21


def test_open_payments_are_refused_until_some_are_over(
    guard: Guard, payments: FakePayments
) -> None:
    for number in range(40):
        guard.admit_payment("ada", f"pay_{number}")
        payments.put(a_payment(payment_id=f"pay_{number}"))
    with pytest.raises(TooManyAttemptsError):
        guard.admit_payment("ada", "pay_40")
    guard.admit_payment("bob", "pay_of_bob")
    payments.put(a_payment(payment_id="pay_7", status="canceled"))
    guard.admit_payment("ada", "pay_40")


def test_at_a_busy_address_who_has_no_declines_pays_on(limits: FakeLimits) -> None:
    guard = Guard(Limits(declines_per_address=3), limits, ADDRESS)
    for number in range(3):
        charge(guard, number, declined=True)
    with pytest.raises(TooManyAttemptsError):
        charge(guard, 4)
    guard.admit_charge("bob", "pay_of_bob", attempt="1")
    Guard(Limits(declines_per_address=3), limits, Client("8.8.8.8")).admit_charge(
        "ada", "pay_4", attempt="1"
    )


def test_sign_ups_are_counted_by_network_and_hour(limits: FakeLimits, clock: list[int]) -> None:
    guard = Guard(Limits(signups_per_address=2), limits, ADDRESS)
    guard.admit_sign_up()
    Guard(guard.limits, limits, Client("198.51.100.200")).admit_sign_up()
    with pytest.raises(TooManyAttemptsError) as refused:
        guard.admit_sign_up()
    Guard(guard.limits, limits, Client("198.51.101.7")).admit_sign_up()
    Guard(guard.limits, limits).admit_sign_up()
    clock[0] += refused.value.wait_seconds
    guard.admit_sign_up()


@pytest.mark.parametrize(("livemode", "stays"), [(True, False), (False, True)])
def test_few_people_have_the_same_card_but_everybody_has_test_cards(
    limits: FakeLimits, clock: list[int], *, livemode: bool, stays: bool
) -> None:
    guard = Guard(Limits(people_per_card=2), limits)

    def save(user_id: str) -> None:
        attempt = guard.admit_card(user_id, "pm_card")
        guard.note_card(
            user_id,
            a_payment_method(payment_method_id="pm_card", fingerprint="same"),
            livemode=livemode,
            attempt=attempt,
        )

    save("ada")
    save("bob")
    save("ada")
    if stays:
        save("eve")
    else:
        with pytest.raises(TooManyAttemptsError):
            save("eve")
        clock[0] += DAY
        save("eve")


def test_a_saved_card_is_no_attempt_any_more(guard: Guard, limits: FakeLimits) -> None:
    attempt = guard.admit_card("ada", "pm_card")
    guard.note_card(
        "ada", a_payment_method(payment_method_id="pm_card"), livemode=False, attempt=attempt
    )
    assert limits.people["ada"]["attempts"] == {}
    assert list(limits.people["ada"]["cards"]) == ["pm_card"]


def test_forty_cards_a_day_and_no_more(guard: Guard, clock: list[int]) -> None:
    for number in range(40):
        card = a_payment_method(payment_method_id=f"pm_{number}")
        attempt = guard.admit_card("ada", card.payment_method_id)
        guard.note_card("ada", card, livemode=False, attempt=attempt)
    with pytest.raises(TooManyAttemptsError):
        guard.admit_card("ada")
    clock[0] += DAY
    guard.admit_card("ada")


def test_a_failed_setup_counts_once_however_often_it_is_told(guard: Guard) -> None:
    def failed(which: str) -> bool:
        return guard.note_failed_setup("ada", "seti_1", which=which, at=1_800_000_000)

    assert [failed(each) for each in ("evt_1", "evt_1", "evt_2", "evt_3")] == [
        *[False, False, False],
        True,
    ]


@pytest.mark.parametrize(
    "act",
    [
        lambda guard: guard.admit_payment("ada", "pay_1"),
        lambda guard: guard.admit_charge("ada", "pay_1", attempt="1"),
        lambda guard: guard.admit_card("ada", "pm_1"),
        lambda guard: guard.note_decline("ada", "pay_1", which="1"),
        lambda guard: guard.note_card(
            "ada", a_payment_method(payment_method_id="pm_1"), livemode=True
        ),
        lambda guard: guard.note_failed_setup("ada", "seti_1", which="evt_1", at=1),
        lambda guard: guard.admit_sign_up(),
    ],
)
def test_without_its_table_paying_goes_on_and_is_counted(
    limits: FakeLimits,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Guard], Any],
) -> None:
    counted: list[str] = []
    monkeypatch.setattr("payments.guard.count_rare", counted.append)
    limits.is_unavailable = True
    act(Guard(Limits(), limits, ADDRESS))
    assert counted == ["LimitsUnavailable"]


def test_who_confirms_one_payment_too_often_at_once_leaves_no_trace(
    guard: Guard, limits: FakeLimits
) -> None:
    for number in range(10):
        guard.admit_charge("ada", "pay_1", attempt=str(number))
    with pytest.raises(RateLimitedError):
        guard.admit_charge("ada", "pay_1", attempt="10")
    assert len(limits.people["ada"]["attempts"]) == 10


def test_who_is_refused_stays_refused_while_the_table_fails(
    guard: Guard, limits: FakeLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        charge(guard, number, declined=True)

    def fail(*_: object) -> None:
        raise ServiceUnavailableError

    monkeypatch.setattr(limits, "remove", fail)
    with pytest.raises(TooManyAttemptsError):
        charge(guard, 5)
