"""A payment: its id, and what its row says about an intent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.payment import STRIPE_REMEMBERS_KEYS_FOR, payment_id_for
from payments.domain.payment_intent import Dispute, LastPaymentError, Refund
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import a_payment, a_pending_payment, an_intent
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
        ({"amount": 1}, False),
        ({"amount": None, "currency": None, "livemode": None}, True),  # an event may not say
        ({"stripe_customer_id": None, "client_secret": "pi_1_secret_of_another_version"}, True),
        ({"amount_received": 1}, False),
        ({"refunds": (Refund("re_1", 99, "pending"),)}, False),
        ({"disputes": (Dispute("du_1", "won"),)}, False),
        ({"disputes": None}, True),  # our key may not read them
        ({"account_id": "acct_till"}, True),
        ({"payment_method_id": "pm_other"}, False),
        ({"last_payment_error": declined()}, False),
    ],
)
def test_a_row_reflects_an_intent_when_nothing_is_left_to_write(
    intent: dict[str, Any], reflected: bool
) -> None:
    assert a_payment().reflects(an_intent(**intent)) == reflected


@pytest.mark.parametrize(
    ("status", "final", "closed"),
    [
        ("succeeded", True, True),
        ("canceled", True, True),
        ("pending", False, False),
        ("processing", False, False),
        ("requires_payment_method", False, False),
        ("a_status_of_the_future", False, False),
        ("refused", False, True),
        ("mismatched", False, True),
        ("lost_at_stripe", False, True),
        ("expired", False, True),
    ],
)
def test_only_success_and_cancellation_are_final_and_our_own_ends_close(
    status: str, final: bool, closed: bool
) -> None:
    payment = a_payment(status=status)
    assert (payment.is_final, payment.is_closed) == (final, closed)


@pytest.mark.parametrize(
    ("intent", "differences"),
    [
        ({}, ""),
        ({"payment_intent_id": "pi_2"}, "id: pi_1 here, pi_2 at Stripe"),
        ({"stripe_customer_id": "cus_bob"}, "customer: cus_ada here, cus_bob at Stripe"),
        ({"amount": 1}, "amount: 1099 here, 1 at Stripe"),
        ({"currency": "usd"}, "currency: eur here, usd at Stripe"),
        ({"livemode": True}, "livemode: False here, True at Stripe"),
        (
            {"amount": 1, "currency": "usd"},
            "amount: 1099 here, 1 at Stripe; currency: eur here, usd at Stripe",
        ),
        ({"payment_id": "pay_edited", "stack": "edited"}, ""),  # metadata is anyone's to edit
        ({"amount": None}, ""),
    ],
)
def test_an_intent_is_compared_with_what_the_payments_has_to_be(
    intent: dict[str, Any], differences: str
) -> None:
    assert a_payment().differences_from(an_intent(**intent)) == differences


def test_a_payment_without_an_intent_takes_the_first_and_keeps_it() -> None:
    pending = a_pending_payment()
    assert pending.differences_from(an_intent(payment_intent_id="pi_7")) == ""
    other = a_payment().after(an_intent(payment_intent_id="pi_2"), by="get")
    assert (other.status, other.payment_intent_id) == ("mismatched", "pi_1")


@pytest.mark.parametrize("status", ["succeeded", "canceled"])
@pytest.mark.parametrize(
    "later",
    [
        {"status": "requires_action"},
        {"status": "processing", "last_payment_error": declined()},
        {"status": "succeeded", "amount": 1},
        {"status": "canceled", "payment_intent_id": "pi_2"},
    ],
)
def test_what_stripe_decided_goes_one_way_and_keeps_what_it_knows(
    status: str, later: dict[str, Any]
) -> None:
    payment = a_payment(
        status=status,
        refunds=(Refund("re_1", 99, "succeeded"),),
        amount_refunded=99,
        disputes=(Dispute("du_1", "won"),),
        dispute_status="won",
    )
    after = payment.after(an_intent(**later), by="webhook")
    assert replace(after, version=payment.version, updated_at=payment.updated_at) == payment
    assert payment.reflects(an_intent(**later))


def test_success_is_not_taken_back_by_a_cancellation_nor_the_other_way_round() -> None:
    succeeded, canceled = a_payment(status="succeeded"), a_payment(status="canceled")
    assert succeeded.after(an_intent(status="canceled"), by="get").status == "succeeded"
    assert canceled.after(an_intent(status="succeeded"), by="get").status == "canceled"


def test_a_key_that_may_not_read_disputes_takes_none_away() -> None:
    payment = a_payment(
        status="succeeded", disputes=(Dispute("du_1", "lost"),), dispute_status="lost"
    )
    after = payment.after(an_intent(status="succeeded", disputes=None), by="webhook")
    assert (after.disputes, after.dispute_status) == (payment.disputes, "lost")
    assert after.history == ()


def test_a_row_knows_what_was_received_and_in_which_account() -> None:
    intent = an_intent(status="succeeded", account_id="acct_till")
    paid = a_payment(account_id=None).after(intent, by="reconcile")
    assert (paid.amount_received, paid.account_id) == (1099, "acct_till")
    assert paid.after(an_intent(status="succeeded"), by="get").account_id == "acct_till"


@pytest.mark.parametrize(("generation", "key"), [(1, "pay_1"), (2, "pay_1-g2"), (3, "pay_1-g3")])
def test_each_generation_of_the_key_is_another_one(generation: int, key: str) -> None:
    assert a_pending_payment(key_generation=generation).idempotency_key == key


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "fraudulent", "pickup_card"])
def test_a_suspicious_card_is_told_as_a_declined_one(code: str) -> None:
    generic = LastPaymentError("card_declined", "generic_decline", "Your card was declined.")
    assert LastPaymentError("card_declined", code, "Stolen.", "ch_1").told_to_payer() == generic
    assert LastPaymentError(code, None, "Stolen.").told_to_payer() == generic


def test_other_reasons_are_told_as_they_are_but_nothing_of_somebody_elses() -> None:
    assert declined("insufficient_funds").told_to_payer() == declined("insufficient_funds")
    mismatch = a_payment().after(an_intent(stripe_customer_id="cus_bob"), by="get")
    assert mismatch.last_payment_error
    assert "cus_bob" in mismatch.last_payment_error.message
    assert "cus_bob" not in mismatch.last_payment_error.told_to_payer().message


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


@pytest.mark.parametrize(
    ("row", "can"),
    [
        ({"status": "requires_payment_method"}, True),
        ({"status": "requires_confirmation"}, True),
        ({"status": "requires_confirmation", "cvc_recollected": True}, False),  # after a challenge
        ({"status": "requires_action", "cvc_recollected": True}, False),
        ({"status": "processing", "cvc_recollected": True}, False),
        ({"status": "requires_capture", "cvc_recollected": True}, False),
        ({"status": "pending"}, False),
    ],
)
def test_a_payment_takes_another_card_unless_an_attempt_is_under_way(
    row: dict[str, Any], can: bool
) -> None:
    assert a_payment(**row).can_take_another_card == can


def test_a_payment_needs_its_card_until_it_is_over() -> None:
    assert a_payment(status="requires_payment_method").needs_card("pm_card")
    assert a_pending_payment().needs_card("pm_card")
    assert not a_payment().needs_card("pm_other")
    for status in ("succeeded", "canceled", "refused", "mismatched", "lost_at_stripe", "expired"):
        assert not a_payment(status=status).needs_card("pm_card")


@pytest.mark.parametrize(
    ("row", "work_left"),
    [
        ({}, True),
        ({"status": "succeeded"}, False),
        ({"status": "expired"}, False),
        ({"status": "succeeded", "replaced_card": "pm_card"}, True),
    ],
)
def test_reconciliation_comes_back_while_something_is_to_be_done(
    row: dict[str, Any], work_left: bool
) -> None:
    assert a_payment(**row).has_work_left == work_left


def test_what_stripe_says_leaves_the_replaced_card_alone() -> None:
    held = a_payment(replaced_card="pm_card")
    assert held.after(an_intent(status="succeeded"), by="confirm").replaced_card == "pm_card"
    assert held.ended("expired", declined(), by="reconcile").replaced_card == "pm_card"
