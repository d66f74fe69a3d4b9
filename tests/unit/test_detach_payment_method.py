"""Detach: remove one of the person's cards."""

from dataclasses import replace

import pytest

from payments.domain.errors import (
    PaymentMethodInUseError,
    PaymentMethodNotFoundError,
    SignedOutError,
    StripeUnavailableError,
)
from tests.unit.builders import ADA, BOB, FAR_FUTURE, a_customer, a_payment
from tests.unit.wallet import Wallet


def test_a_removed_card_is_gone_for_good(wallet: Wallet) -> None:
    wallet.has("pm_1")
    wallet.has("pm_2")
    wallet.remove("pm_1")
    assert wallet.attached == wallet.saved == {"pm_2"}
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_1")
    assert wallet.attached == {"pm_2"}


def test_its_duplicates_go_with_it(wallet: Wallet) -> None:
    wallet.has("pm_1", fingerprint="same")
    wallet.has("pm_2", fingerprint="same", replaced=True)
    wallet.has("pm_3", fingerprint="other")
    wallet.remove("pm_1")
    assert wallet.attached == wallet.saved == {"pm_3"}


def test_a_replaced_card_is_none_of_hers(wallet: Wallet) -> None:
    wallet.has("pm_1", replaced=True)
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_1")
    assert wallet.attached == {"pm_1"}


def test_nobody_removes_somebody_elses_card(wallet: Wallet) -> None:
    wallet.has("pm_ada")
    wallet.stripe.has_customer(BOB, "cus_bob")
    wallet.customers.rows[BOB.user_id] = a_customer(
        user_id=BOB.user_id, stripe_customer_id="cus_bob"
    )
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_ada", BOB)
    assert wallet.attached == {"pm_ada"}
    assert wallet.stripe.names_of_calls() == ["list_all_payment_methods"]


def test_who_has_no_customer_has_no_card_and_gets_none(wallet: Wallet) -> None:
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_1", BOB)
    assert wallet.stripe.calls == []


@pytest.mark.parametrize("row", [{"deleted": True}, {"livemode": True}])
def test_the_cards_of_a_customer_that_cannot_be_used_are_not_found(
    wallet: Wallet, row: dict[str, bool]
) -> None:
    wallet.has("pm_1")
    wallet.customers.rows[ADA.user_id] = a_customer(**row)
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_1")
    assert wallet.stripe.calls == []


def test_the_cards_have_gone_with_the_customer(wallet: Wallet) -> None:
    wallet.has("pm_1")
    wallet.stripe.forget_customer("cus_ada")
    with pytest.raises(PaymentMethodNotFoundError):
        wallet.remove("pm_1")


def test_who_was_logged_out_everywhere_removes_nothing(wallet: Wallet) -> None:
    wallet.has("pm_1")
    row = wallet.customers.rows[ADA.user_id]
    wallet.customers.rows[ADA.user_id] = replace(row, signed_out_at=FAR_FUTURE)
    with pytest.raises(SignedOutError):
        wallet.remove("pm_1")
    assert wallet.stripe.calls == []


@pytest.mark.parametrize(
    ("status", "recollected"),
    [
        ("pending", False),
        ("requires_action", True),
        ("processing", True),
        ("requires_capture", True),
        ("requires_confirmation", True),
    ],
)
def test_a_card_with_which_a_payment_is_under_way_stays(
    wallet: Wallet, status: str, recollected: bool
) -> None:
    wallet.has("pm_card")
    wallet.payments.put(a_payment(status=status, cvc_recollected=recollected))
    with pytest.raises(PaymentMethodInUseError) as refused:
        wallet.remove("pm_card")
    assert refused.value.payment_id == "pay_1"
    assert wallet.attached == wallet.saved == {"pm_card"}


@pytest.mark.parametrize("status", ["requires_confirmation", "requires_payment_method"])
def test_a_payment_that_can_take_another_card_keeps_none(wallet: Wallet, status: str) -> None:
    wallet.has("pm_card")
    wallet.payments.put(a_payment(status=status))
    wallet.remove("pm_card")
    assert wallet.attached == set()


@pytest.mark.parametrize("row", [{"status": "succeeded"}, {"payment_method_id": "pm_other"}])
def test_a_payment_that_does_not_need_the_card_keeps_none(
    wallet: Wallet, row: dict[str, str]
) -> None:
    wallet.has("pm_card")
    wallet.payments.put(a_payment(**{"status": "processing", **row}))
    wallet.remove("pm_card")
    assert wallet.attached == set()


def test_a_payment_that_is_under_way_with_a_duplicate_keeps_both(wallet: Wallet) -> None:
    wallet.has("pm_card", fingerprint="same", replaced=True)
    wallet.has("pm_new", fingerprint="same")
    wallet.payments.put(a_payment(status="processing", replaced_card="pm_card"))
    with pytest.raises(PaymentMethodInUseError):
        wallet.remove("pm_new")
    assert wallet.attached == {"pm_card", "pm_new"}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_removal_that_was_cut_off_is_finished_by_the_next_try(
    wallet: Wallet, moment: str, number: int
) -> None:
    """Also that of its duplicate: the card itself goes last, so that it is found again."""
    wallet.has("pm_1", fingerprint="same")
    wallet.has("pm_2", fingerprint="same", replaced=True)
    fail = wallet.stripe.fail_before if moment == "before" else wallet.stripe.fail_after

    def fail_the_next() -> None:
        fail("detach_payment_method", StripeUnavailableError())

    if number == 0:
        fail_the_next()
    else:
        if moment == "after":  # the answer of the call during which this happens
            wallet.stripe.meanwhile("detach_payment_method", lambda: None)
        wallet.stripe.meanwhile("detach_payment_method", fail_the_next)
    with pytest.raises(StripeUnavailableError):
        wallet.remove("pm_1")
    # When
    try:
        wallet.remove("pm_1")
    except PaymentMethodNotFoundError:
        assert (moment, number) == ("after", 1)  # only its answer was lost
    # Then
    assert wallet.attached == wallet.saved == set()
