"""Create intent: stored before money moves, always the same answer (data rules 1 and 5)."""

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.customer import User
from payments.domain.errors import (
    CurrencyNotOfferedError,
    CustomerMissingError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    ProductNotFoundError,
    ServiceUnavailableError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.order import Order
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.recorder import Recorder
from payments.use_cases.create_payment_intent import create_payment_intent
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, LONG_AGO, a_customer, a_product, an_order


class Shop:
    """A shop that sells coffee, and Ada, who has a card."""

    def __init__(
        self,
        *,
        stripe: FakeStripe,
        customers: FakeCustomers,
        products: FakeProducts,
        payments: FakePayments,
        inputs: FakePaymentInputs,
        recorder: Recorder,
    ) -> None:
        self.stripe = stripe
        self.customers = customers
        self.products = products
        self.payments = payments
        self.inputs = inputs
        self.recorder = recorder
        stripe.has_customer(ADA)
        stripe.has_card("pm_card")
        customers.rows[ADA.user_id] = a_customer()
        products.put(a_product())

    def create(
        self, order: Order | None = None, *, user: User = ADA, key: str = "key-of-ada"
    ) -> tuple[Payment, PaymentIntent]:
        """Ada starts a payment."""
        return create_payment_intent(
            order or an_order(),
            user=user,
            idempotency_key=key,
            default_currency="eur",
            inputs=self.inputs,
            recorder=self.recorder,
        )

    def age(self, payment: Payment) -> None:
        """More than a day passes."""
        self.payments.rows[payment.payment_id] = replace(
            self.payments.rows[payment.payment_id], created_at=LONG_AGO
        )
        self.stripe.forget_idempotency_keys()

    @property
    def only_row(self) -> Payment:
        """The one row that there is."""
        (row,) = self.payments.rows.values()
        return row


@pytest.fixture
def shop(
    stripe: FakeStripe,
    customers: FakeCustomers,
    products: FakeProducts,
    payments: FakePayments,
    inputs: FakePaymentInputs,
    recorder: Recorder,
) -> Shop:
    return Shop(
        stripe=stripe,
        customers=customers,
        products=products,
        payments=payments,
        inputs=inputs,
        recorder=replace(recorder, by="create"),
    )


def test_a_payment_is_written_down_and_created_with_one_call(shop: Shop) -> None:
    # When
    payment, intent = shop.create(an_order(quantity=3))
    # Then
    assert (payment.amount, payment.currency, payment.quantity) == (3297, "eur", 3)
    assert payment.status == intent.status == "requires_confirmation"
    assert payment.payment_intent_id == intent.payment_intent_id
    assert shop.only_row == payment
    assert shop.stripe.names_of_calls() == ["create_payment_intent"]


def test_the_row_exists_before_stripe_is_called(shop: Shop) -> None:
    # Given
    rows: list[Payment] = []
    shop.stripe.meanwhile("create_payment_intent", lambda: rows.append(shop.only_row))
    # When
    shop.create()
    # Then
    (written,) = rows
    assert written.status == "pending"
    assert shop.stripe.arguments_of("create_payment_intent") == [{"payment": written}]


def test_the_price_is_the_products_price_in_the_requested_currency(shop: Shop) -> None:
    payment, _ = shop.create(an_order(currency="jpy", quantity=2))
    assert (payment.amount, payment.currency) == (3600, "jpy")


def test_a_replay_gets_the_same_payment(shop: Shop) -> None:
    # Given
    first, _ = shop.create()
    # When
    again, intent = shop.create()
    # Then
    assert again == first
    assert intent.client_secret
    assert len(shop.stripe.intents) == 1


def test_a_replay_keeps_its_amount_though_the_price_has_changed(shop: Shop) -> None:
    # Given
    shop.create()
    shop.products.put(a_product(prices={"eur": 1}))
    # When
    again, _ = shop.create()
    # Then
    assert again.amount == 1099


def test_a_replay_is_answered_though_the_product_was_withdrawn(shop: Shop) -> None:
    # Given
    first, _ = shop.create()
    shop.products.withdraw("coffee")
    # When
    again, _ = shop.create()
    # Then
    assert again == first


def test_a_replay_shows_the_payment_as_it_stands_now(shop: Shop) -> None:
    # Given
    first, _ = shop.create()
    shop.stripe.has_cvc_token("cvctok_1")
    shop.stripe.confirm_payment_intent(
        str(first.payment_intent_id), payment_method_id="pm_card", cvc_token="cvctok_1"
    )
    # When
    again, intent = shop.create()
    # Then
    assert again.status == intent.status == "succeeded"
    assert shop.only_row.status == "succeeded"


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": 2},
        {"currency": "jpy"},
        {"currency": "eur"},
        {"product_id": "tea"},
        {"payment_method_id": "pm_other"},
    ],
)
def test_a_key_belongs_to_one_order(shop: Shop, other: dict[str, Any]) -> None:
    # Given
    first, _ = shop.create()
    # When, then
    with pytest.raises(IdempotencyKeyReusedError):
        shop.create(an_order(**other))
    assert shop.only_row == first
    assert len(shop.stripe.intents) == 1


def test_a_key_belongs_to_one_person(shop: Shop) -> None:
    # Given
    ada, _ = shop.create(key="the-same-key")
    shop.stripe.has_customer(BOB, "cus_bob")
    shop.stripe.has_card("pm_bob", of="cus_bob")
    shop.customers.rows[BOB.user_id] = a_customer(user_id=BOB.user_id, stripe_customer_id="cus_bob")
    # When
    bob, _ = shop.create(an_order(payment_method_id="pm_bob"), user=BOB, key="the-same-key")
    # Then
    assert bob.payment_id != ada.payment_id


def test_the_loser_of_a_race_gets_the_winners_payment(shop: Shop) -> None:
    # Given someone who stores the row first, at the price of that moment
    winner, _ = shop.create()
    del shop.payments.rows[winner.payment_id]
    shop.products.put(a_product(prices={"eur": 1}))
    shop.payments.before_writes.add(lambda: shop.payments.put(winner))
    # When
    payment, _ = shop.create()
    # Then
    assert payment == winner
    assert len(shop.stripe.intents) == 1


def test_a_crash_between_the_row_and_stripe_is_healed_by_the_replay(shop: Shop) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        shop.create()
    assert shop.only_row.status == "pending"
    shop.products.put(a_product(prices={"eur": 1}))
    # When
    payment, intent = shop.create()
    # Then
    assert payment.amount == 1099
    assert payment.payment_intent_id == intent.payment_intent_id
    assert len(shop.stripe.intents) == 1


def test_a_lost_answer_of_stripe_is_healed_by_the_replay(shop: Shop) -> None:
    # Given
    shop.stripe.fail_after("create_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        shop.create()
    # When
    payment, _ = shop.create()
    # Then
    assert [payment.payment_intent_id] == [*shop.stripe.intents]


def test_a_crash_between_stripe_and_the_row_is_healed_by_the_replay(shop: Shop) -> None:
    # Given
    shop.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        shop.create()
    assert shop.only_row.payment_intent_id is None
    # When
    payment, _ = shop.create()
    # Then
    assert [payment.payment_intent_id] == [*shop.stripe.intents]
    assert shop.only_row == payment


def test_an_old_pending_row_is_searched_for_before_anything_is_created(shop: Shop) -> None:
    # Given a creation that was interrupted before it reached our row, more than a day ago
    shop.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        shop.create()
    shop.age(shop.only_row)
    shop.stripe.calls.clear()
    # When
    payment, _ = shop.create()
    # Then
    assert [payment.payment_intent_id] == [*shop.stripe.intents]
    assert shop.stripe.names_of_calls() == ["find_payment_intent"]


def test_an_old_pending_row_that_stripe_never_saw_is_created_at_its_old_price(shop: Shop) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        shop.create()
    shop.age(shop.only_row)
    shop.products.put(a_product(prices={"eur": 1}))
    # When
    payment, _ = shop.create()
    # Then
    assert payment.amount == 1099
    assert [payment.payment_intent_id] == [*shop.stripe.intents]


def test_a_product_that_is_not_sold_is_not_found_and_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(ProductNotFoundError):
        shop.create(an_order(product_id="tea"))
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


def test_a_currency_without_a_price_is_refused_and_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(CurrencyNotOfferedError):
        shop.create(an_order(currency="usd"))
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


def test_a_total_beyond_what_stripe_charges_leaves_nothing_behind(shop: Shop) -> None:
    # Given
    shop.products.put(a_product(prices={"eur": 50_000_000}))
    # When, then
    with pytest.raises(ValidationError):
        shop.create(an_order(quantity=2))
    assert shop.payments.rows == {}


def test_a_person_without_a_customer_has_no_card(shop: Shop) -> None:
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create(user=BOB)
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


def test_a_customer_of_the_other_mode_does_not_pay(shop: Shop) -> None:
    # Given
    shop.stripe.livemode = True
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


def test_a_key_used_in_test_mode_starts_a_payment_of_its_own_in_live_mode(shop: Shop) -> None:
    # Given
    test, _ = shop.create()
    shop.stripe.livemode = True
    shop.stripe.has_customer(ADA, "cus_live")
    shop.stripe.has_card("pm_card", of="cus_live")
    shop.customers.rows[ADA.user_id] = a_customer(stripe_customer_id="cus_live", livemode=True)
    # When
    live, _ = shop.create()
    # Then
    assert live.payment_id != test.payment_id
    assert live.livemode


def test_someone_elses_card_is_not_found_and_leaves_nothing_behind(shop: Shop) -> None:
    # Given
    shop.stripe.has_card("pm_bob", of="cus_bob")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create(an_order(payment_method_id="pm_bob"))
    assert shop.payments.rows == {}


@pytest.mark.parametrize(
    ("refusal", "shown_as"),
    [
        (PaymentMethodNotFoundError(), PaymentMethodNotFoundError),
        (CustomerMissingError(), PaymentMethodNotFoundError),
        (ValidationError([("quantity", "too small")]), ValidationError),
        (IdempotencyKeyReusedError(), IdempotencyKeyReusedError),
    ],
)
def test_what_stripe_refuses_leaves_nothing_behind(
    shop: Shop, refusal: Exception, shown_as: type[Exception]
) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", refusal)
    # When, then
    with pytest.raises(shown_as):
        shop.create()
    assert shop.payments.rows == {}


def test_after_a_refusal_the_same_key_works_for_a_corrected_order(shop: Shop) -> None:
    # Given
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create(an_order(payment_method_id="pm_none"))
    # When
    payment, _ = shop.create()
    # Then
    assert payment.payment_method_id == "pm_card"


def test_a_refusal_does_not_forget_a_payment_that_somebody_else_got_further_with(
    shop: Shop,
) -> None:
    # Given two requests with one key: ours is refused, and the other one got through
    shop.stripe.fail_before("create_payment_intent", PaymentMethodNotFoundError())
    shop.payments.before_writes.add(lambda: None)  # our row is written undisturbed
    shop.payments.before_writes.add(shop.create)
    # When
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    # Then
    assert [shop.only_row.payment_intent_id] == [*shop.stripe.intents]
