"""The domain's rules: amounts, identities, what a row says of an intent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain import card
from payments.domain.clock import now
from payments.domain.errors import CurrencyNotOfferedError, ValidationError
from payments.domain.order import MAX_AMOUNT, Order, new_payment
from payments.domain.payment import STRIPE_REMEMBERS_KEYS_FOR, Payment, payment_id_for
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import (
    a_customer,
    a_payment,
    a_payment_method,
    a_product,
    a_registration,
    an_intent,
    an_order,
)
from tests.unit.properties import same_examples


def pay(**order: Any) -> Payment:
    """A new payment for Ada's order."""
    return new_payment(
        "pay_1",
        an_order(**order),
        product=a_product(prices={"eur": 1099, "jpy": 1800, "kwd": 3500}),
        customer=a_customer(),
        default_currency="eur",
    )


# Amounts and currencies


@pytest.mark.parametrize(
    ("currency", "quantity", "amount"),
    [(None, 1, 1099), ("eur", 3, 3297), ("jpy", 2, 3600), ("kwd", 2, 7000)],
)
def test_the_amount_is_price_times_quantity_in_the_currencys_own_minor_unit(
    currency: str | None, quantity: int, amount: int
) -> None:
    payment = pay(currency=currency, quantity=quantity)
    assert (payment.amount, payment.currency) == (amount, currency or "eur")
    assert type(payment.amount) is int


def test_without_a_wish_the_only_currency_there_is_serves() -> None:
    product = a_product(prices={"jpy": 1800})
    assert product.price_in(None, default_currency="eur") == ("jpy", 1800)


def test_without_a_wish_one_of_several_currencies_is_not_guessed() -> None:
    product = a_product(prices={"jpy": 1800, "usd": 1299})
    with pytest.raises(CurrencyNotOfferedError, match="jpy, usd"):
        product.price_in(None, default_currency="eur")


def test_a_wish_is_not_overridden_by_the_only_currency_there_is() -> None:
    with pytest.raises(CurrencyNotOfferedError):
        a_product(prices={"jpy": 1800}).price_in("eur", default_currency="eur")


@pytest.mark.parametrize(("price", "accepted"), [(MAX_AMOUNT, True), (MAX_AMOUNT + 1, False)])
def test_a_total_may_be_as_large_as_stripe_takes_it(price: int, accepted: bool) -> None:
    def charge() -> Payment:
        return new_payment(
            "pay_1",
            an_order(),
            product=a_product(prices={"eur": price}),
            customer=a_customer(),
            default_currency="eur",
        )

    if accepted:
        assert charge().amount == price
    else:
        with pytest.raises(ValidationError) as error:
            charge()
        assert error.value.errors[0][0] == "quantity"


def test_a_new_payment_is_pending_and_knows_nothing_of_stripe() -> None:
    payment = pay()
    assert (payment.status, payment.payment_intent_id, payment.version) == ("pending", None, 1)
    assert payment.created_at == payment.updated_at
    assert not payment.cvc_recollected


# Identities

orders = st.builds(
    Order,
    product_id=st.text(min_size=1),
    quantity=st.integers(1, 100),
    currency=st.none() | st.sampled_from(["eur", "jpy"]),
    payment_method_id=st.text(min_size=1),
)


@same_examples
@given(orders, orders)
def test_two_requests_have_the_same_hash_only_if_they_are_the_same(
    one: Order, other: Order
) -> None:
    assert (one.request_hash == other.request_hash) == (one == other)
    assert one.request_hash == replace(one).request_hash


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


# Time


def test_moments_sort_as_text() -> None:
    earlier, later = now(), now()
    assert earlier <= later
    assert earlier.endswith("Z")
    assert datetime.fromisoformat(earlier).tzinfo == UTC


@pytest.mark.parametrize(("minutes", "forgotten"), [(-1, False), (1, True)])
def test_stripe_may_have_forgotten_a_key_an_hour_before_it_says(
    minutes: int, forgotten: bool
) -> None:
    age = STRIPE_REMEMBERS_KEYS_FOR + timedelta(minutes=minutes)
    created_at = (datetime.now(UTC) - age).isoformat()
    assert a_payment(created_at=created_at).stripe_may_have_forgotten == forgotten
    assert timedelta(hours=24) > STRIPE_REMEMBERS_KEYS_FOR


class _EndOfFebruary(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> "_EndOfFebruary":
        return cls(2028, 2, 29, 23, 59, 59, tzinfo=tz)


@pytest.mark.parametrize(
    ("exp_year", "exp_month", "expired"),
    [
        (2028, 2, False),
        (2028, 1, True),
        (2027, 12, True),
        (2028, 3, False),
        (2029, 1, False),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(
    monkeypatch: pytest.MonkeyPatch, exp_year: int, exp_month: int, expired: bool
) -> None:
    monkeypatch.setattr(card, "datetime", _EndOfFebruary)
    assert a_payment_method(exp_year=exp_year, exp_month=exp_month).expired == expired


# What a row says of an intent


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


# Secrets


def test_a_password_and_a_client_secret_do_not_show() -> None:
    registration = a_registration(password="Very-Secret-1")
    intent = an_intent(client_secret="pi_1_secret_do_not_tell")
    assert "Very-Secret-1" not in f"{registration!r} {registration!s}"
    assert "do_not_tell" not in f"{intent!r} {intent!s}"
