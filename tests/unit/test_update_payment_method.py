"""Update: change a saved card, or prefer it."""

from dataclasses import replace

import pytest

from payments.domain.card import CardChanges, PaymentMethod
from payments.domain.customer import User
from payments.domain.errors import (
    PaymentMethodNotFoundError,
    SignedOutError,
    StripeUnavailableError,
    ValidationError,
)
from payments.use_cases.update_payment_method import update_payment_method
from tests.unit.builders import ADA, BOB
from tests.unit.wallet import Wallet

PREFER = CardChanges(default=True)
EVERYTHING = CardChanges({"name": "Ada King"}, exp_month=3, exp_year=2041, default=True)


def change(
    wallet: Wallet, changes: CardChanges, card: str = "pm_card", user: User = ADA
) -> PaymentMethod:
    """Change a card."""
    return update_payment_method(
        card, changes, user=user, stripe=wallet.stripe, customers=wallet.customers
    )


def test_whose_card_it_is_is_checked_before_anything_changes(wallet: Wallet) -> None:
    wallet.has("pm_card")

    card = change(wallet, EVERYTHING)

    assert card.default is True
    assert wallet.card("pm_card") == card
    assert wallet.stripe.names_of_calls() == [
        "retrieve_own_payment_method", "update_payment_method", "set_default_payment_method"
    ]  # fmt: skip
    (told,) = wallet.stripe.arguments_of("update_payment_method")
    assert told == {
        "payment_method_id": "pm_card",
        "billing_details": {"name": "Ada King"},
        "exp_month": 3,
        "exp_year": 2041,
    }


@pytest.mark.parametrize(
    ("changes", "call"),
    [
        (CardChanges({"name": None}), "update_payment_method"),
        (CardChanges(exp_year=2041), "update_payment_method"),
        (PREFER, "set_default_payment_method"),
    ],
)
def test_only_what_changes_is_sent(wallet: Wallet, changes: CardChanges, call: str) -> None:
    wallet.has("pm_card")

    change(wallet, changes)

    assert wallet.stripe.names_of_calls() == ["retrieve_own_payment_method", call]


def test_another_default_takes_it_from_the_first(wallet: Wallet) -> None:
    wallet.has("pm_card")
    wallet.has("pm_other")
    change(wallet, PREFER, "pm_card")

    change(wallet, PREFER, "pm_other")

    assert wallet.default == "pm_other"
    assert wallet.card("pm_card").default is False


@pytest.mark.parametrize("card", ["pm_bob", "pm_loose", "pm_replaced", "pm_none"])
def test_nobody_changes_a_card_that_is_not_theirs(wallet: Wallet, card: str) -> None:
    wallet.stripe.has_card("pm_bob", of="cus_bob")
    wallet.stripe.has_card("pm_loose", of=None)
    wallet.has("pm_replaced", replaced=True)

    with pytest.raises(PaymentMethodNotFoundError):
        change(wallet, EVERYTHING, card)

    assert wallet.stripe.names_of_calls() == ["retrieve_own_payment_method"]
    assert wallet.default is None


def test_who_has_no_customer_has_no_card_and_gets_none(wallet: Wallet) -> None:
    wallet.has("pm_card")

    with pytest.raises(PaymentMethodNotFoundError):
        change(wallet, PREFER, user=BOB)

    assert wallet.stripe.calls == []
    assert BOB.user_id not in wallet.customers.rows


@pytest.mark.parametrize("state", [{"livemode": True}, {"deleted": True}])
def test_the_cards_of_a_customer_that_cannot_be_used_are_not_found(
    wallet: Wallet, state: dict[str, bool]
) -> None:
    wallet.has("pm_card")
    wallet.customers.rows[ADA.user_id] = replace(wallet.row, **state)  # type: ignore[arg-type]

    with pytest.raises(PaymentMethodNotFoundError):
        change(wallet, PREFER)

    assert wallet.stripe.calls == []


def test_an_expiry_that_stripe_refuses_changes_nothing_else(wallet: Wallet) -> None:
    wallet.has("pm_card")
    refused = ValidationError([("exp_year", "Your card's expiration year is invalid.")])
    wallet.stripe.fail_before("update_payment_method", refused)

    with pytest.raises(ValidationError):
        change(wallet, EVERYTHING)

    assert wallet.default is None


@pytest.mark.parametrize("call", ["update_payment_method", "set_default_payment_method"])
def test_a_change_that_was_cut_off_is_finished_by_the_next_try(wallet: Wallet, call: str) -> None:
    wallet.has("pm_card")
    wallet.stripe.fail_after(call, StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        change(wallet, EVERYTHING)

    assert change(wallet, EVERYTHING).default is True
    assert wallet.default == "pm_card"


def test_a_card_that_is_removed_meanwhile_is_not_found(wallet: Wallet) -> None:
    wallet.has("pm_card")
    wallet.stripe.meanwhile("retrieve_own_payment_method", lambda: wallet.remove("pm_card"))

    with pytest.raises(PaymentMethodNotFoundError):
        change(wallet, PREFER)


def test_a_customer_that_is_deleted_meanwhile_has_no_card(wallet: Wallet) -> None:
    wallet.has("pm_card")
    wallet.stripe.meanwhile(
        "retrieve_own_payment_method", lambda: wallet.stripe.delete_customer("cus_ada")
    )

    with pytest.raises(PaymentMethodNotFoundError):
        change(wallet, PREFER)


def test_who_was_logged_out_everywhere_changes_nothing(wallet: Wallet) -> None:
    wallet.has("pm_card")
    signed_out = replace(wallet.row, signed_out_at="2026-01-02T00:00:00.000Z")
    wallet.customers.rows[ADA.user_id] = signed_out

    with pytest.raises(SignedOutError):
        change(wallet, PREFER, user=replace(ADA, auth_time=1))

    assert wallet.stripe.calls == []
