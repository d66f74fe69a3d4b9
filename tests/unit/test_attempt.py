"""The rules: how often somebody may try, and how long they wait."""

import pytest

from payments.domain.attempt import (
    DAY,
    HOUR,
    UNDER_WAY_SECONDS,
    Tries,
    check_attempt,
    check_new_card,
    check_open_payments,
    is_spent,
    pause_after,
    stale,
)
from payments.domain.errors import RateLimitedError, TooManyAttemptsError
from payments.domain.limits import Limits

NOW = 1_800_000_000


def declined(times: int, *, last: int = NOW - 1, of: str = "pay_{}") -> dict[str, int]:
    """So many declines, the last one at `last`, the others a minute apart before it."""
    return {f"{of.format(i)}:{i}": last - 60 * (times - 1 - i) for i in range(times)}


def wait_for(tries: Tries, *, limits: Limits = Limits(), busy: bool = False) -> int:  # noqa: B008
    """What the next attempt is told to wait; 0 if it may go on."""
    attempts = {**tries.attempts, "pay_new:1": NOW}
    with_it = Tries(attempts, tries.declines, tries.open_payments, tries.cards)
    try:
        check_attempt(with_it, "pay_new:1", limits=limits, now=NOW, busy_address=busy)
    except TooManyAttemptsError as error:
        return error.wait_seconds
    return 0


def test_pauses_begin_after_the_fifth_decline_and_double_up_to_an_hour() -> None:
    assert [pause_after(each) for each in range(14)] == [
        *[0, 0, 0, 0, 0],
        *[30, 60, 120, 240, 480, 960, 1920, 3600, 3600],
    ]


@pytest.mark.parametrize(("declines", "seconds"), [(0, 0), (3, 0), (4, 0), (5, 29), (6, 59)])
def test_a_few_declines_lock_nobody_out(declines: int, seconds: int) -> None:
    assert wait_for(Tries(declines=declined(declines))) == seconds


def test_who_has_paused_goes_on() -> None:
    assert wait_for(Tries(declines=declined(5, last=NOW - 30))) == 0
    assert wait_for(Tries(declines=declined(6, last=NOW - 59))) == 1


def test_a_day_later_nothing_counts_any_more() -> None:
    assert wait_for(Tries(declines=declined(19, last=NOW - DAY))) == 0


def test_at_a_busy_address_the_first_decline_is_free_and_others_pay_on() -> None:
    assert wait_for(Tries(), busy=True) == 0
    assert wait_for(Tries(declines=declined(1)), busy=True) == 0
    assert wait_for(Tries(declines=declined(2)), busy=True) == 29


def test_twenty_declines_a_day_are_the_most() -> None:
    declines = declined(20, last=NOW - HOUR)
    assert wait_for(Tries(declines=declines)) == min(declines.values()) + DAY - NOW


def test_what_is_under_way_counts_as_if_it_were_declined() -> None:
    under_way = {f"pay_{i}:1": NOW - i for i in range(20)}
    assert wait_for(Tries(under_way)) == 60
    del under_way["pay_0:1"]
    assert wait_for(Tries(under_way)) == 0
    assert wait_for(Tries(under_way, declined(1, of="pay_1"))) == 0  # its payment is one of them
    assert wait_for(Tries(under_way, declined(1, of="pay_other"))) == 60


def test_what_nobody_heard_of_again_counts_for_ten_minutes() -> None:
    at = NOW - UNDER_WAY_SECONDS
    assert wait_for(Tries({f"pay_{i}:1": at + 1 for i in range(20)})) == 60
    assert wait_for(Tries({f"pay_{i}:1": at for i in range(20)})) == 0


def test_one_payment_takes_ten_declines() -> None:
    def after(declines: int) -> int:
        return wait_for(Tries(declines=declined(declines, last=NOW - 2 * HOUR, of="pay_new")))

    assert (after(9), after(10)) == (0, HOUR)


def test_ten_confirmations_of_one_payment_at_once_are_enough() -> None:
    under_way = {f"pay_new:{i}": NOW for i in range(1, 11)}
    assert wait_for(Tries(under_way)) == 0
    with pytest.raises(RateLimitedError):
        wait_for(Tries({**under_way, "pay_new:11": NOW}))


def test_without_a_limit_nobody_waits() -> None:
    limits = Limits(declines_per_person=0, open_payments_per_person=0, cards_per_person=0)
    tries = Tries(
        attempts={f"pm_{i}": NOW for i in range(99)},
        declines=declined(99),
        open_payments={f"pay_{i}": NOW for i in range(99)},
    )
    assert wait_for(tries, limits=limits) == 0
    check_open_payments(tries, limits=limits, now=NOW)
    check_new_card(tries, limits=limits, now=NOW)


def test_forty_payments_may_be_open() -> None:
    opened = {f"pay_{i}": NOW - i for i in range(40)}
    check_open_payments(Tries(open_payments=opened), limits=Limits(), now=NOW)
    opened["pay_40"] = NOW - DAY  # was cancelled by now
    check_open_payments(Tries(open_payments=opened), limits=Limits(), now=NOW)
    opened["pay_40"] = NOW
    with pytest.raises(TooManyAttemptsError):
        check_open_payments(Tries(open_payments=opened), limits=Limits(), now=NOW)


def test_forty_new_cards_a_day_count_those_that_are_being_saved() -> None:
    cards = {f"pm_{i}": NOW - 2 * HOUR - i for i in range(39)}
    check_new_card(Tries({"pm_new": NOW, "pay_1:1": NOW}, cards=cards), limits=Limits(), now=NOW)
    saving = {"pm_new": NOW, "setup:1": NOW}
    with pytest.raises(TooManyAttemptsError) as soon:
        check_new_card(Tries(saving, cards=cards), limits=Limits(), now=NOW)
    assert soon.value.wait_seconds == 60
    cards["pm_39"] = NOW
    with pytest.raises(TooManyAttemptsError) as tomorrow:
        check_new_card(Tries({"pm_new": NOW}, cards=cards), limits=Limits(), now=NOW)
    assert tomorrow.value.wait_seconds == min(cards.values()) + DAY - NOW


def test_a_setup_intent_is_spent_after_three_declines_or_when_its_person_pauses() -> None:
    assert not is_spent(Tries(declines=declined(2, of="seti_1")), "seti_1", now=NOW)
    assert is_spent(Tries(declines=declined(3, of="seti_1")), "seti_1", now=NOW)
    assert not is_spent(Tries(declines=declined(3, of="seti_2")), "seti_1", now=NOW)
    assert not is_spent(Tries(declines=declined(4)), "seti_1", now=NOW)
    assert is_spent(Tries(declines=declined(5)), "seti_1", now=NOW)


def test_a_row_is_tidied_once_there_is_much_to_tidy() -> None:
    old = {f"pay_{i}:1": NOW - UNDER_WAY_SECONDS for i in range(50)}
    tries = Tries(attempts={**old, "pay_new:1": NOW}, declines=declined(3))
    assert stale(tries, NOW)["attempts"] == list(old)
    assert stale(tries, NOW)["declines"] == []
    old.popitem()
    assert stale(Tries(attempts=old), NOW) == {}
