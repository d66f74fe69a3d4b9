"""A payment: its id, and what its row says about an intent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.payment import STRIPE_REMEMBERS_KEYS_FOR, payment_id_for
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import (
    a_payment,
    an_intent,
)
from tests.unit.properties import same_examples


@same_examples
@given(st.text(), st.text(), st.booleans())
def test_a_payment_id_is_always_the_same_and_fits_everywhere(
    user_id: str, key: str, livemode: bool
) -> None:
    payment_id = payment_id_for(user_id, key, livemode=livemode)
    assert payment_id == payment_id_for(user_id, key, livemode=livemode)
    assert payment_id.startswith("pay_")
    assert payment_id.isascii()
    assert len(payment_id) == 36


def test_a_payment_id_tells_person_key_and_mode_apart() -> None:
    ids = {
        payment_id_for(user_id, key, livemode=livemode)
        for user_id in ("ada", "bob")
        for key in ("key-number-1", "key-number-2")
        for livemode in (False, True)
    }
    assert len(ids) == 8


def test_a_payment_id_does_not_give_away_its_key() -> None:
    assert "key-of-ada" not in payment_id_for("ada", "key-of-ada", livemode=False)


@pytest.mark.parametrize(("minutes", "forgotten"), [(-1, False), (1, True)])
def test_stripe_may_have_forgotten_a_key_an_hour_before_it_says(
    minutes: int, forgotten: bool
) -> None:
    age = STRIPE_REMEMBERS_KEYS_FOR + timedelta(minutes=minutes)
    created_at = (datetime.now(UTC) - age).isoformat()
    assert a_payment(created_at=created_at).stripe_may_have_forgotten == forgotten
    assert timedelta(hours=24) > STRIPE_REMEMBERS_KEYS_FOR


@pytest.mark.parametrize(
    ("intent", "reflected"),
    [
        ({}, True),
        ({"payment_method_id": None}, True),
        ({"next_action": {"type": "use_stripe_sdk"}}, True),
        ({"status": "succeeded"}, False),
        ({"payment_intent_id": "pi_2"}, False),
        ({"payment_method_id": "pm_other"}, False),
        ({"last_payment_error": declined()}, False),
    ],
)
def test_a_row_reflects_an_intent_when_nothing_is_left_to_write(
    intent: dict[str, Any], reflected: bool
) -> None:
    assert a_payment().reflects(an_intent(**intent)) == reflected


@pytest.mark.parametrize(
    ("status", "final"),
    [
        ("succeeded", True),
        ("canceled", True),
        ("pending", False),
        ("processing", False),
        ("requires_payment_method", False),
        ("a_status_of_the_future", False),
    ],
)
def test_only_success_and_cancellation_are_final(status: str, final: bool) -> None:
    assert a_payment(status=status).is_final == final


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("requires_payment_method", False),
        ("requires_action", True),
        ("processing", True),
        ("succeeded", True),
        ("requires_confirmation", None),
    ],
)
def test_a_cvc_lasts_from_the_challenge_to_the_end_of_the_attempt(
    before: bool, status: str, after: bool | None
) -> None:
    payment = a_payment(cvc_recollected=before)
    expected = before if after is None else after
    assert payment.after(an_intent(status=status), by="confirm").cvc_recollected == expected
