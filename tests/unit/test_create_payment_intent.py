"""Create intent: stored before money moves, always the same answer (data rules 1 and 5)."""

from dataclasses import replace

import pytest

from payments.domain.customer import User
from payments.domain.errors import (
    CardDeclinedError,
    CurrencyNotOfferedError,
    CustomerMissingError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentRefusedError,
    ProductNotFoundError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import LastPaymentError, PaymentIntent
from payments.domain.purchase import Purchase
from payments.recorder import Recorder
from payments.use_cases.create_payment_intent import create_payment_intent
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import (
    ADA,
    BOB,
    LONG_AGO,
    a_customer,
    a_line,
    a_product,
    a_purchase,
    an_item,
)


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
        customers.rows[ADA.user_id] = a_customer(saved_cards={"pm_card": "of pm_card"})
        products.put(a_product())

    def create(
        self, purchase: Purchase | None = None, *, user: User = ADA, key: str = "key-of-ada"
    ) -> tuple[Payment, PaymentIntent]:
        """Ada starts a payment."""
        return create_payment_intent(
            purchase or a_purchase(),
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
    payment, intent = shop.create(a_purchase(an_item(quantity=3)))
    # Then
    assert (payment.amount, payment.currency) == (3297, "eur")
    assert payment.lines == (a_line(quantity=3),)
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
    payment, _ = shop.create(a_purchase(an_item(quantity=2), currency="jpy"))
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
    shop.products.put(a_product(prices={"eur": 100}))
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
        str(first.payment_intent_id),
        payment=first,
        payment_method_id="pm_card",
        cvc_token="cvctok_1",
    )
    # When
    again, intent = shop.create()
    # Then
    assert again.status == intent.status == "succeeded"
    assert shop.only_row.status == "succeeded"


@pytest.mark.parametrize(
    "other",
    [
        a_purchase(an_item(quantity=2)),
        a_purchase(an_item(product_id="tea")),
        a_purchase(an_item(unit_amount=1099)),
        a_purchase(an_item(), an_item(product_id="tea")),
        a_purchase(currency="jpy"),
        a_purchase(currency="eur"),
        a_purchase(payment_method_id="pm_other"),
    ],
)
def test_a_key_belongs_to_one_purchase(shop: Shop, other: Purchase) -> None:
    # Given
    first, _ = shop.create()
    # When, then
    with pytest.raises(IdempotencyKeyReusedError):
        shop.create(other)
    assert shop.only_row == first
    assert len(shop.stripe.intents) == 1


def test_a_key_belongs_to_one_person(shop: Shop) -> None:
    # Given
    ada, _ = shop.create(key="the-same-key")
    shop.stripe.has_customer(BOB, "cus_bob")
    shop.stripe.has_card("pm_bob", of="cus_bob")
    shop.customers.rows[BOB.user_id] = a_customer(user_id=BOB.user_id, stripe_customer_id="cus_bob")
    # When
    bob, _ = shop.create(a_purchase(payment_method_id="pm_bob"), user=BOB, key="the-same-key")
    # Then
    assert bob.payment_id != ada.payment_id


def test_the_loser_of_a_race_gets_the_winners_payment(shop: Shop) -> None:
    # Given someone who stores the row first, at the price of that moment
    winner, _ = shop.create()
    del shop.payments.rows[winner.payment_id]
    shop.products.put(a_product(prices={"eur": 100}))
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
    shop.products.put(a_product(prices={"eur": 100}))
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
    shop.products.put(a_product(prices={"eur": 100}))
    # When
    payment, _ = shop.create()
    # Then
    assert payment.amount == 1099
    assert [payment.payment_intent_id] == [*shop.stripe.intents]


def test_a_product_that_is_not_sold_is_not_found_and_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(ProductNotFoundError):
        shop.create(a_purchase(an_item(product_id="tea")))
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


def test_a_currency_without_a_price_is_refused_and_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(CurrencyNotOfferedError):
        shop.create(a_purchase(currency="usd"))
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


@pytest.mark.parametrize("unit_amount", [24, 50_000_000])
def test_a_total_that_stripe_would_not_charge_leaves_nothing_behind(
    shop: Shop, unit_amount: int
) -> None:
    # Given
    shop.products.put(a_product(prices={"eur": unit_amount}))
    # When, then
    with pytest.raises(ValidationError):
        shop.create(a_purchase(an_item(quantity=2)))
    assert shop.payments.rows == {}
    assert shop.stripe.calls == []


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


@pytest.mark.parametrize("owner", ["cus_bob", None])
def test_a_card_that_is_not_saved_is_not_found_and_nothing_is_stored(
    shop: Shop, owner: str | None
) -> None:
    # Given
    shop.stripe.has_card("pm_bob", of=owner)
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create(a_purchase(payment_method_id="pm_bob"))
    assert (shop.payments.rows, shop.stripe.intents) == ({}, {})


def test_a_card_that_was_attached_elsewhere_costs_one_call_more(shop: Shop) -> None:
    # Given
    shop.stripe.has_card("pm_dashboard")
    # When
    payment, _ = shop.create(a_purchase(payment_method_id="pm_dashboard"))
    # Then
    assert payment.payment_method_id == "pm_dashboard"
    assert shop.stripe.names_of_calls() == ["retrieve_own_payment_method", "create_payment_intent"]


def test_a_card_that_was_saved_again_pays_no_more(shop: Shop) -> None:
    # Given
    shop.stripe.has_card("pm_older", replaced=True)
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create(a_purchase(payment_method_id="pm_older"))
    assert shop.payments.rows == {}


@pytest.mark.parametrize(
    ("refusal", "shown_as", "reason"),
    [
        (PaymentMethodNotFoundError(), PaymentMethodNotFoundError, "payment_method_not_found"),
        (CustomerMissingError(), PaymentMethodNotFoundError, "payment_method_not_found"),
        (ValidationError([("amount", "small")]), ValidationError, "amount_not_chargeable"),
        (CardDeclinedError(decline_code="lost_card"), PaymentRefusedError, "lost_card"),
        (
            PaymentRefusedError(code="parameter_unknown", param="nonsense"),
            PaymentRefusedError,
            "parameter_unknown",
        ),
        (PaymentRefusedError(code=None, param="nonsense"), PaymentRefusedError, "nonsense"),
        (PaymentRefusedError(code=None, param=None), PaymentRefusedError, "refused"),
    ],
)
def test_what_stripe_refuses_ends_with_its_reason_and_is_refused_again(
    shop: Shop, refusal: Exception, shown_as: type[Exception], reason: str
) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", refusal)
    # When
    with pytest.raises(shown_as) as first:
        shop.create()
    with pytest.raises(shown_as) as again:
        shop.create()
    # Then
    row = shop.only_row
    assert (row.status, row.is_closed) == ("refused", True)
    assert row.last_payment_error
    assert row.last_payment_error.code == reason
    assert [(line.to_status, line.by) for line in row.history] == [("refused", "create")]
    assert vars(first.value) == vars(again.value)
    assert shop.stripe.names_of_calls() == ["create_payment_intent"]


@pytest.mark.parametrize("error", [RateLimitedError(), StripeRejectedError("a key"), KeyError()])
def test_what_says_nothing_of_the_payment_leaves_it_pending(shop: Shop, error: Exception) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", error)
    # When
    with pytest.raises(type(error)):
        shop.create()
    # Then
    assert shop.only_row.status == "pending"
    assert shop.create()[0].status == "requires_confirmation"


def test_after_a_refusal_the_key_belongs_to_its_order(shop: Shop) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", PaymentMethodNotFoundError())
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    # When, then
    with pytest.raises(IdempotencyKeyReusedError):
        shop.create(a_purchase(an_item(quantity=2)))
    assert shop.create(key="another-key")[0].payment_method_id == "pm_card"


def test_a_refusal_does_not_end_a_payment_that_somebody_else_got_further_with(shop: Shop) -> None:
    # Given two requests with one key, of which ours is refused and the other one got through
    shop.stripe.fail_before("create_payment_intent", PaymentMethodNotFoundError())
    shop.payments.before_writes.add(lambda: None)  # our row is written undisturbed
    shop.payments.before_writes.add(shop.create)
    # When
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    # Then
    assert [shop.only_row.payment_intent_id] == [*shop.stripe.intents]
    assert shop.only_row.status == "requires_confirmation"


def test_a_refused_payment_whose_intent_stripe_shows_later_goes_on(shop: Shop) -> None:
    # Given a refusal, and the intent that Stripe made before and whose answer was lost
    shop.stripe.fail_before("create_payment_intent", PaymentMethodNotFoundError())
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    made = shop.stripe.has_intent(shop.only_row).intent
    # When an event tells of it
    shop.recorder.payment(shop.only_row, made)
    # Then
    payment, intent = shop.create()
    assert (payment.status, intent) == ("requires_confirmation", made)
    assert payment.last_payment_error is None


def test_an_expired_payment_is_over(shop: Shop) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        shop.create()
    shop.recorder.end(shop.only_row, "expired", LastPaymentError("expired", None, "Too late."))
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        shop.create()


# A failure that Stripe remembers


def keys_used(shop: Shop) -> list[str]:
    """The idempotency keys that reached Stripe."""
    asked = [call["payment"] for call in shop.stripe.arguments_of("create_payment_intent")]
    return [payment.idempotency_key for payment in asked if isinstance(payment, Payment)]


def test_a_remembered_failure_is_tried_again_under_the_next_key(shop: Shop) -> None:
    # Given
    shop.stripe.fail_to_create_an_intent()
    # When
    payment, intent = shop.create()
    # Then
    payment_id = payment.payment_id
    assert keys_used(shop) == [payment_id, f"{payment_id}-g2"]
    assert (payment.status, payment.key_generation) == ("requires_confirmation", 2)
    assert [intent.payment_intent_id] == [*shop.stripe.intents]
    assert "find_payment_intent" in shop.stripe.names_of_calls()


def test_what_stripe_did_before_it_failed_is_found_and_not_done_again(shop: Shop) -> None:
    # Given
    shop.stripe.fail_to_create_an_intent(although_done=True)
    # When
    payment, _ = shop.create()
    # Then
    assert [payment.payment_intent_id] == [*shop.stripe.intents]
    assert keys_used(shop) == [payment.payment_id]


def test_the_next_key_is_stored_before_it_is_used(shop: Shop) -> None:
    # Given
    shop.stripe.fail_to_create_an_intent()
    generations: list[int] = []
    for _ in range(2):
        shop.stripe.meanwhile(
            "create_payment_intent", lambda: generations.append(shop.only_row.key_generation)
        )
    # When
    shop.create()
    # Then: the first call failed, so only the second one came that far
    assert generations == [2]


def test_a_crash_after_the_next_key_was_stored_is_healed_by_the_replay(shop: Shop) -> None:
    # Given
    shop.stripe.fail_to_create_an_intent()
    shop.stripe.fail_after("create_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        shop.create()
    assert shop.only_row.key_generation == 2
    # When
    payment, _ = shop.create()
    # Then: the intent whose answer was lost
    assert [payment.payment_intent_id] == [*shop.stripe.intents]
    assert len(keys_used(shop)) == 2


def test_of_two_who_meet_a_remembered_failure_one_moves_on(shop: Shop) -> None:
    # Given another request that moves on to the next key between our look and our write
    shop.stripe.fail_to_create_an_intent()
    shop.payments.before_writes.add(lambda: None)  # our row is written undisturbed
    shop.payments.before_writes.add(shop.create)
    # When
    with pytest.raises(StripeUnavailableError):
        shop.create()
    # Then the other one's payment stands, and ours is told to come again
    assert [shop.only_row.payment_intent_id] == [*shop.stripe.intents]
    assert shop.only_row.key_generation == 2
    assert shop.create()[0] == shop.only_row


def test_each_remembered_failure_moves_on_by_one(shop: Shop) -> None:
    # Given
    for _ in range(3):
        shop.stripe.fail_to_create_an_intent()
    for _ in range(2):
        with pytest.raises(StripeUnavailableError):
            shop.create()
    # When
    payment, _ = shop.create()
    # Then
    assert payment.key_generation == 4
    assert len(shop.stripe.intents) == 1


def test_a_refusal_under_the_next_key_ends_the_payment_too(shop: Shop) -> None:
    # Given a card that is removed while Stripe fails
    shop.stripe.fail_to_create_an_intent()
    shop.stripe.meanwhile("find_payment_intent", shop.stripe.cards.clear)
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        shop.create()
    assert (shop.only_row.status, shop.only_row.key_generation) == ("refused", 2)


def test_a_key_that_an_earlier_release_used_with_other_parameters_moves_on(shop: Shop) -> None:
    # Given
    shop.stripe.fail_before("create_payment_intent", IdempotencyKeyReusedError())
    # When
    payment, _ = shop.create()
    # Then the same request never gets a conflict
    assert (payment.status, payment.key_generation) == ("requires_confirmation", 2)


# An intent that is not the payment's


def test_an_edited_intent_is_not_taken_for_what_was_bought(shop: Shop) -> None:
    # Given
    payment, _ = shop.create()
    shop.stripe.edit(str(payment.payment_intent_id), amount=1)
    # When
    again, _ = shop.create()
    # Then
    assert (again.status, again.amount) == ("mismatched", 1099)


def test_an_old_creation_does_not_take_an_intent_with_another_amount(shop: Shop) -> None:
    # Given
    shop.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        shop.create()
    (edited,) = shop.stripe.intents
    shop.stripe.edit(edited, amount=1)
    shop.age(shop.only_row)
    # When
    payment, intent = shop.create()
    # Then
    assert payment.payment_intent_id == intent.payment_intent_id != edited
    assert intent.amount == 1099


def test_a_payment_that_our_key_no_longer_sees_is_over(shop: Shop) -> None:
    # Given
    payment, _ = shop.create()
    shop.payments.put(replace(payment, account_id=shop.stripe.account))
    shop.stripe.forget_intent(str(payment.payment_intent_id))
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        shop.create()
    assert shop.only_row.status == "lost_at_stripe"
