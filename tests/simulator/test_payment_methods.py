import pytest
import stripe
from stripe._v1_services import V1Services
from stripe.params import CustomerUpdateParamsInvoiceSettings, PaymentMethodCreateParamsCard

from tests.simulator.conftest import Shopper, Steering


def test_a_card_made_in_the_browser_shows_no_secrets(shopper: Shopper) -> None:
    card = shopper.card("5555555555554444")

    assert card.card is not None
    assert (card.card.brand, card.card.last4, card.card.exp_month) == ("mastercard", "4444", 12)
    assert card.billing_details.name == "Ada Lovelace"
    assert card.customer is None
    assert "5555555555554444" not in str(card)


def test_an_attached_card_is_listed_under_its_customer(shopper: Shopper) -> None:
    customer, other = shopper.customer(), shopper.customer()
    first, second = shopper.saved_card(customer), shopper.saved_card(customer)
    shopper.saved_card(other)

    under_customer = shopper.server.customers.payment_methods.list(customer.id)
    by_parameter = shopper.server.payment_methods.list({"customer": customer.id, "type": "card"})

    assert [card.id for card in under_customer.data] == [second.id, first.id]
    assert [card.id for card in by_parameter.data] == [second.id, first.id]
    found = shopper.server.customers.payment_methods.retrieve(customer.id, first.id)
    assert found.customer == customer.id


def test_another_customers_card_is_not_found(shopper: Shopper) -> None:
    card = shopper.saved_card(shopper.customer())

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.customers.payment_methods.retrieve(shopper.customer().id, card.id)

    assert (refusal.value.http_status, refusal.value.code) == (404, None)
    assert refusal.value.param == "customer"


def test_a_card_is_attached_to_one_customer(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)

    again = shopper.server.payment_methods.attach(card.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_methods.attach(card.id, {"customer": shopper.customer().id})

    assert again.customer == customer.id
    assert refusal.value.http_status == 400
    assert (refusal.value.code, refusal.value.param) == (None, None)
    types = [event.type for event in shopper.server.events.list().data]
    assert types.count("payment_method.attached") == 1


def test_a_detached_card_is_gone_for_good(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)

    assert shopper.server.payment_methods.detach(card.id).customer is None

    assert shopper.server.customers.payment_methods.list(customer.id).data == []
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        shopper.server.payment_methods.attach(card.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError):
        shopper.server.payment_methods.detach(card.id)


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
    ],
)
def test_a_declining_card_is_already_declined_when_attached(
    shopper: Shopper, number: str, code: str, decline_code: str
) -> None:
    customer = shopper.customer()

    with pytest.raises(stripe.CardError) as decline:
        shopper.saved_card(customer, number)

    assert decline.value.http_status == 402
    assert decline.value.code == code
    assert decline.value.error is not None
    assert decline.value.error.decline_code == decline_code
    assert shopper.server.customers.payment_methods.list(customer.id).data == []


def test_the_card_that_fails_later_can_be_attached(shopper: Shopper) -> None:
    customer = shopper.customer()

    assert shopper.saved_card(customer, "4000000000000341").customer == customer.id


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "42"}, "incorrect_number", "number"),
        ({"number": "4111111111111111"}, "card_declined", None),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 2020}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"cvc": "1234"}, "invalid_cvc", "cvc"),
        ({"number": "378282246310005", "cvc": "123"}, "invalid_cvc", "cvc"),
    ],
)
def test_what_can_not_be_a_card_is_refused_with_its_reason(
    browser: V1Services,
    changes: PaymentMethodCreateParamsCard,
    code: str,
    param: str | None,
) -> None:
    card: PaymentMethodCreateParamsCard = {
        "number": "4242424242424242",
        "exp_month": 12,
        "exp_year": 2045,
        "cvc": "123",
    }

    with pytest.raises(stripe.CardError) as refusal:
        browser.payment_methods.create({"type": "card", "card": card | changes})

    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_an_amex_has_four_digits_to_its_cvc(shopper: Shopper) -> None:
    assert shopper.card("378282246310005", "1234").card is not None


@pytest.mark.parametrize(
    ("test_id", "brand", "last4"),
    [
        ("pm_card_visa", "visa", "4242"),
        ("pm_card_mastercard", "mastercard", "4444"),
        ("pm_card_amex", "amex", "0005"),
        ("pm_card_authenticationRequired", "visa", "3184"),
        ("pm_card_threeDSecure2Required", "visa", "3220"),
        ("pm_card_authenticationRequiredOnSetup", "visa", "3155"),
        ("pm_card_chargeCustomerFail", "visa", "0341"),
        ("pm_card_createDispute", "visa", "0259"),
    ],
)
def test_a_test_id_stands_for_a_new_card_each_time(
    shopper: Shopper, test_id: str, brand: str, last4: str
) -> None:
    customer = shopper.customer()

    first = shopper.server.payment_methods.attach(test_id, {"customer": customer.id})
    second = shopper.server.payment_methods.attach(test_id, {"customer": customer.id})

    assert first.id != second.id
    assert first.id.startswith("pm_")
    assert not first.id.startswith("pm_card_")
    assert first.card is not None
    assert (first.card.brand, first.card.last4) == (brand, last4)


@pytest.mark.parametrize(
    ("test_id", "decline_code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
    ],
)
def test_declining_test_ids_decline_as_their_numbers_do(
    shopper: Shopper, test_id: str, decline_code: str
) -> None:
    with pytest.raises(stripe.CardError) as decline:
        shopper.server.payment_intents.create(
            {"amount": 1099, "currency": "eur", "payment_method": test_id, "confirm": True}
        )

    assert decline.value.error is not None
    assert decline.value.error.decline_code == decline_code


def test_a_card_can_be_made_from_a_test_token(server: V1Services) -> None:
    card = server.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})

    assert card.card is not None
    assert card.card.brand == "mastercard"


def test_only_cards_are_simulated(browser: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        browser.payment_methods.create({"type": "paypal", "paypal": {}})

    assert refusal.value.code == "simulator_not_simulated"


def test_an_update_changes_expiry_and_billing_details(shopper: Shopper) -> None:
    card = shopper.saved_card(shopper.customer())

    updated = shopper.server.payment_methods.update(
        card.id,
        {"card": {"exp_month": 1, "exp_year": 2046}, "billing_details": {"phone": "+49301234"}},
    )

    assert updated.card is not None
    assert (updated.card.exp_month, updated.card.exp_year) == (1, 2046)
    assert updated.billing_details.name == "Ada Lovelace"
    assert updated.billing_details.phone == "+49301234"


def test_time_passes_and_a_saved_card_expires(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.manual_intent()

    steering.post(f"/payment_methods/{intent.payment_method}", {"exp_month": 1, "exp_year": 2020})

    with pytest.raises(stripe.CardError) as decline:
        shopper.confirm(intent)
    assert decline.value.code == "expired_card"
    types = [event.type for event in shopper.server.events.list().data]
    assert "payment_method.automatically_updated" in types


def test_one_number_has_one_fingerprint(shopper: Shopper) -> None:
    numbers = ("4242424242424242", "4242 4242 4242 4242", "5555555555554444")

    first, again, other = (shopper.card(number).card for number in numbers)

    assert first is not None
    assert again is not None
    assert other is not None
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_a_card_comes_with_its_customer_and_their_default(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)
    settings: CustomerUpdateParamsInvoiceSettings = {"default_payment_method": card.id}
    shopper.server.customers.update(customer.id, {"invoice_settings": settings})
    cards = shopper.server.customers.payment_methods

    listed = cards.list(customer.id, {"expand": ["data.customer"]}).data[0].customer
    one = cards.retrieve(customer.id, card.id, {"expand": ["customer"]}).customer
    alone = shopper.server.payment_methods.retrieve(card.id, {"expand": ["customer"]}).customer

    for found in (listed, one, alone):
        assert isinstance(found, stripe.Customer)
        assert found.invoice_settings is not None
        assert found.invoice_settings.default_payment_method == card.id


def test_other_settings_of_invoices_are_not_simulated(shopper: Shopper) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.customers.update(
            shopper.customer().id, {"invoice_settings": {"footer": "Thanks"}}
        )

    assert refusal.value.code == "simulator_not_simulated"


def test_only_a_saved_card_can_be_updated(shopper: Shopper) -> None:
    card = shopper.card()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_methods.update(card.id, {"metadata": {"replaced_by": "pm_1"}})

    assert refusal.value.code == "payment_method_unexpected_state"


@pytest.mark.parametrize(
    ("expiry", "code"),
    [((13, 2046), "invalid_expiry_month"), ((1, 2020), "invalid_expiry_year")],
)
def test_an_update_to_an_expiry_that_can_not_be_is_refused(
    shopper: Shopper, expiry: tuple[int, int], code: str
) -> None:
    card = shopper.saved_card(shopper.customer())

    with pytest.raises(stripe.CardError) as refusal:
        shopper.server.payment_methods.update(
            card.id, {"card": {"exp_month": expiry[0], "exp_year": expiry[1]}}
        )

    assert refusal.value.code == code
    unchanged = shopper.server.payment_methods.retrieve(card.id).card
    assert unchanged is not None
    assert (unchanged.exp_month, unchanged.exp_year) == (12, 2045)
