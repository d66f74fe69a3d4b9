from typing import Any

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering
from tests.simulator.stripe_js.conftest import Json, Shop
from tests.support.stripe_elements import EXPIRY_FRAME, NUMBER_FRAME, cvc_field, frame

ALWAYS_CHALLENGED = "4000002760003184"
PAY_BY_ELEMENT = """secret => stripe.confirmCardPayment(secret, {
    payment_method: {
        card: elements.getElement('card'),
        billing_details: {name: 'Ada Lovelace'},
    },
})"""


def _payment_method(shop: Shop, element_type: str = "card") -> Json:
    """The answer that the page gets for its Element."""
    made: Json = shop.run(
        "type => stripe.createPaymentMethod({type: 'card', card: elements.getElement(type),"
        " billing_details: {name: 'Ada Lovelace', address: {country: 'DE'}}})",
        element_type,
    )
    return made


def _cvc_token(shop: Shop) -> Json:
    token: Json = shop.run("stripe.createToken('cvc_update', elements.getElement('cardCvc'))")
    return token


def _secret(intent: stripe.PaymentIntent | stripe.SetupIntent) -> str:
    return str(intent.client_secret)


def _automatic_intent(server: V1Services) -> stripe.PaymentIntent:
    return server.payment_intents.create({"amount": 1099, "currency": "eur"})


def test_a_card_becomes_a_payment_method(shop: Shop, shopper: Shopper) -> None:
    shop.mount()
    shop.card.fill(postal_code="10115")

    made = _payment_method(shop)["paymentMethod"]

    assert (made["card"]["brand"], made["card"]["last4"]) == ("visa", "4242")
    assert (made["card"]["exp_month"], made["card"]["exp_year"]) == (12, 2040)
    assert made["card"]["checks"]["cvc_check"] == "unchecked"
    assert made["billing_details"]["name"] == "Ada Lovelace"
    assert made["billing_details"]["address"]["postal_code"] == "10115"
    assert made["billing_details"]["address"]["country"] == "DE"
    attached = shopper.server.payment_methods.attach(
        made["id"], {"customer": shopper.customer().id}
    )
    assert attached.id == made["id"]


def test_separate_elements_make_one_payment_method(shop: Shop) -> None:
    for element_type in ("cardNumber", "cardExpiry", "cardCvc"):
        shop.mount(element_type)
    frame(shop.page, NUMBER_FRAME).get_by_label("number").fill("378282246310005")
    frame(shop.page, EXPIRY_FRAME).get_by_label("expiration").fill("1/41")
    cvc_field(shop.page).fill("1234")

    made = _payment_method(shop, "cardNumber")["paymentMethod"]

    assert (made["card"]["brand"], made["card"]["last4"]) == ("amex", "0005")
    assert (made["card"]["exp_month"], made["card"]["exp_year"]) == (1, 2041)


def test_an_incomplete_card_is_an_error_that_shows_and_is_not_sent(
    shop: Shop, steering: Steering
) -> None:
    shop.mount()

    error = _payment_method(shop)["error"]

    assert (error["type"], error["code"]) == ("validation_error", "incomplete_number")
    shop.wait_for_change(error={"code": "incomplete_number"})
    assert steering.requests() == []


def test_a_card_that_is_refused_is_an_error_of_the_api(shop: Shop) -> None:
    shop.mount("card", {"hidePostalCode": True})
    shop.card.fill("4012888888881881")  # valid, but not a simulated test card

    error = _payment_method(shop)["error"]

    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["decline_code"] == "test_mode_live_card"


def test_without_a_network_it_is_a_connection_error(shop: Shop) -> None:
    shop.mount("card", {"hidePostalCode": True})
    shop.card.fill()
    shop.page.context.set_offline(True)

    error = _payment_method(shop)["error"]

    assert error["type"] == "api_connection_error"
    shop.page.context.set_offline(False)
    assert "paymentMethod" in _payment_method(shop)


@pytest.mark.parametrize(
    ("kind", "error_type"),
    [("connection_reset", "api_connection_error"), ("http_500", "api_error")],
)
def test_a_failing_api_is_an_error_too(
    shop: Shop, steering: Steering, kind: str, error_type: str
) -> None:
    shop.mount("cardCvc")
    cvc_field(shop.page).fill("123")
    # Chromium sends a request again for each kept connection that turns out to be reset.
    steering.fault(kind, path="/v1/tokens", times=20)

    assert _cvc_token(shop)["error"]["type"] == error_type


def test_an_element_that_goes_away_while_it_is_used_says_so(shop: Shop, steering: Steering) -> None:
    shop.mount("cardCvc")
    cvc_field(shop.page).fill("123")
    steering.fault("latency", path="/v1/tokens", ms=60_000)

    error = shop.rejection(
        "(() => { const element = elements.getElement('cardCvc');"
        " const made = stripe.createToken('cvc_update', element);"
        " setTimeout(() => element.unmount()); return made; })()"
    )

    assert "unmounted while it was in use" in error


def test_a_cvc_becomes_a_token_that_confirms(shop: Shop, shopper: Shopper) -> None:
    intent = shopper.manual_intent(
        payment_method_options={"card": {"require_cvc_recollection": True}}
    )
    shop.mount("cardCvc")
    cvc_field(shop.page).fill("123")

    token = _cvc_token(shop)["token"]

    assert token["type"] == "cvc_update"
    options: Any = {"card": {"cvc_token": token["id"]}}
    assert shopper.confirm(intent, payment_method_options=options).status == "succeeded"


def test_an_incomplete_cvc_makes_no_token(shop: Shop) -> None:
    shop.mount("cardCvc")
    cvc_field(shop.page).fill("12")

    error = _cvc_token(shop)["error"]

    assert (error["type"], error["code"]) == ("validation_error", "incomplete_cvc")


def test_the_cvc_of_a_saved_card_needs_no_card_element_beside_it(shop: Shop) -> None:
    for element_type in ("card", "cardCvc"):
        shop.mount(element_type)
    cvc_field(shop.page).fill("123")

    assert _cvc_token(shop)["token"]["type"] == "cvc_update"


def test_a_card_becomes_a_token_which_becomes_a_payment_method(shop: Shop) -> None:
    shop.mount()
    shop.card.fill(postal_code="10115")

    token = shop.run("stripe.createToken(elements.getElement('card'), {name: 'Ada Lovelace'})")
    made = shop.run(
        "token => stripe.createPaymentMethod({type: 'card', card: {token}})", token["token"]["id"]
    )

    assert (token["token"]["type"], token["token"]["card"]["last4"]) == ("card", "4242")
    details = made["paymentMethod"]["billing_details"]
    assert (details["name"], details["address"]["postal_code"]) == ("Ada Lovelace", "10115")


def test_the_whole_journey_with_manual_confirmation(shop: Shop, shopper: Shopper) -> None:
    """Save a card; pay with its CVC; complete the challenge; confirm again."""
    shop.mount("card", {"hidePostalCode": True})
    shop.card.fill(ALWAYS_CHALLENGED)
    saved = _payment_method(shop)["paymentMethod"]["id"]
    customer = shopper.customer()
    shopper.server.payment_methods.attach(saved, {"customer": customer.id})
    intent = shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": saved,
            "confirmation_method": "manual",
            "allowed_payment_method_types": ["card"],
            "payment_method_options": {"card": {"require_cvc_recollection": True}},
        }
    )
    shop.mount("cardCvc")
    cvc_field(shop.page).fill("123")
    options: Any = {"card": {"cvc_token": _cvc_token(shop)["token"]["id"]}}
    confirmed = shopper.confirm(intent, payment_method_options=options)
    assert confirmed.status == "requires_action"

    shop.start("handleCardAction", _secret(confirmed))
    shop.page.get_by_role("button", name="Complete").click()

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"
    assert shopper.confirm(intent).status == "succeeded"
    charges = shopper.server.charges.list({"payment_intent": intent.id}).data
    assert [charge.paid for charge in charges] == [True]


def test_the_browser_alone_pays_an_automatic_intent(shop: Shop, server: V1Services) -> None:
    intent = _automatic_intent(server)
    shop.mount("card", {"hidePostalCode": True})
    shop.card.fill()

    paid = shop.run(PAY_BY_ELEMENT, _secret(intent))

    assert paid["paymentIntent"]["status"] == "succeeded"
    again = shop.run(PAY_BY_ELEMENT, _secret(intent))
    assert again["error"]["code"] == "payment_intent_unexpected_state"


def test_a_decline_includes_the_payment_intent(shop: Shop, server: V1Services) -> None:
    intent = _automatic_intent(server)

    refused = shop.run(
        "secret => stripe.confirmCardPayment(secret, {payment_method:"
        " 'pm_card_chargeCustomerFail'})",
        _secret(intent),
    )

    error = refused["error"]
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["payment_intent"]["status"] == "requires_payment_method"


def test_a_card_that_can_not_be_made_pays_nothing(shop: Shop, server: V1Services) -> None:
    intent = _automatic_intent(server)
    shop.mount()

    refused = shop.run(PAY_BY_ELEMENT, _secret(intent))

    assert refused["error"]["code"] == "incomplete_number"
    assert server.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_saved_card_is_confirmed_with_its_cvc_collected_again(
    shop: Shop, shopper: Shopper
) -> None:
    intent = shopper.manual_intent(
        confirmation_method="automatic",
        payment_method_options={"card": {"require_cvc_recollection": True}},
    )
    shop.mount("cardCvc")
    pay = (
        "secret => stripe.confirmCardPayment(secret, {payment_method_options:"
        " {card: {cvc: elements.getElement('cardCvc')}}})"
    )
    assert shop.run(pay, _secret(intent))["error"]["code"] == "incomplete_cvc"

    cvc_field(shop.page).fill("123")

    assert shop.run(pay, _secret(intent))["paymentIntent"]["status"] == "succeeded"


def test_the_page_may_handle_the_next_action_itself(shop: Shop, shopper: Shopper) -> None:
    intent = shopper.manual_intent(ALWAYS_CHALLENGED, confirmation_method="automatic")

    confirmed = shop.run(
        "secret => stripe.confirmCardPayment(secret, undefined, {handleActions: false})",
        _secret(intent),
    )

    assert confirmed["paymentIntent"]["status"] == "requires_action"


def test_a_card_is_set_up_in_the_browser(shop: Shop, shopper: Shopper) -> None:
    customer = shopper.customer()
    intent = shopper.server.setup_intents.create({"customer": customer.id})
    shop.mount("card", {"hidePostalCode": True})
    shop.card.fill(ALWAYS_CHALLENGED)

    shop.run(
        """secret => { window.outcome = stripe.confirmCardSetup(secret, {
            payment_method: {
                card: elements.getElement('card'),
                billing_details: {name: 'Ada Lovelace', address: {city: 'London'}},
            },
        }) }""",
        _secret(intent),
    )
    shop.page.get_by_role("button", name="Complete").click()

    assert shop.outcome()["setupIntent"]["status"] == "succeeded"
    [card] = shopper.server.customers.payment_methods.list(customer.id).data
    assert card.billing_details.name == "Ada Lovelace"
    assert card.billing_details.address is not None
    assert card.billing_details.address.city == "London"


def test_intents_are_read_with_their_client_secret(shop: Shop, server: V1Services) -> None:
    payment, setup = _automatic_intent(server), server.setup_intents.create({})

    read = shop.run("secret => stripe.retrievePaymentIntent(secret)", _secret(payment))
    assert (read["paymentIntent"]["id"], read["paymentIntent"]["amount"]) == (payment.id, 1099)
    read = shop.run("secret => stripe.retrieveSetupIntent(secret)", _secret(setup))
    assert read["setupIntent"]["id"] == setup.id
    guessed = shop.run("s => stripe.retrievePaymentIntent(s)", f"{payment.id}_secret_guessed")
    assert guessed["error"]["code"] == "resource_missing"
