"""The gateway's requests: which call, with which parameters and which idempotency key."""

import pytest
import stripe

from payments.domain.customer import User
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe, a_gateway
from tests.unit.builders import ADA, a_payment
from tests.unit.stripe_objects import (
    a_customer_object,
    a_list_of,
    a_payment_method_object,
    a_search_result_of,
    an_intent_object,
)


def test_a_customer_is_created_with_a_key_that_derives_from_the_user(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_customer_object())
    # When
    stripe_customer_id = gateway.create_customer(ADA)
    # Then
    request = canned.only_request
    assert stripe_customer_id == "cus_ada"
    assert (request.method, request.path) == ("POST", "/v1/customers")
    assert request.params == {
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "metadata[user_id]": "ada",
    }
    assert request.idempotency_key == "customer-ada"


def test_the_replacement_of_a_customer_has_a_key_of_its_own(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_customer_object())
    # When
    gateway.create_customer(ADA, replacing="cus_old")
    # Then
    assert canned.only_request.idempotency_key == "customer-ada-after-cus_old"


def test_a_customer_is_searched_for_by_user_and_the_oldest_is_taken(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(
        a_search_result_of(
            a_customer_object(id="cus_younger", created=2),
            a_customer_object(id="cus_oldest", created=1),
        )
    )
    # When
    found = gateway.find_customer("ada")
    # Then
    request = canned.only_request
    assert found == "cus_oldest"
    assert (request.method, request.path) == ("GET", "/v1/customers/search")
    assert request.params["query"] == "metadata['user_id']:'ada'"


def test_no_customer_is_found_where_there_is_none(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_search_result_of())
    assert gateway.find_customer("ada") is None


def test_a_card_is_attached_with_a_key_that_derives_from_card_and_customer(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_payment_method_object())
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_methods/pm_card/attach")
    assert request.params == {"customer": "cus_ada"}
    assert request.idempotency_key == "attach-cus_ada-pm_card"
    assert new
    assert (card.brand, card.last4, card.cardholder_name) == ("visa", "4242", "Ada Lovelace")
    assert card.created_at == "2026-01-01T00:00:00.000Z"


def test_attaching_again_within_a_day_is_not_new(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_payment_method_object(), idempotent_replayed="true")
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    assert (card.payment_method_id, new) == ("pm_card", False)


def test_attaching_what_is_attached_shows_it_as_it_is(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given Stripe, which refuses to attach a card twice
    canned.refuses(400, message="The payment method is already attached.")
    canned.answers(a_payment_method_object())
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    assert (card.payment_method_id, new) == ("pm_card", False)
    assert canned.requests[-1].method == "GET"
    assert canned.requests[-1].path == "/v1/customers/cus_ada/payment_methods/pm_card"


def test_cards_are_listed_below_their_customer(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    first, second = a_payment_method_object(id="pm_a"), a_payment_method_object(id="pm_b")
    canned.answers(a_list_of(first, second, has_more=True))
    # When
    page = gateway.list_payment_methods("cus_ada", limit=2, cursor="pm_0")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("GET", "/v1/customers/cus_ada/payment_methods")
    assert request.params == {"type": "card", "limit": "2", "starting_after": "pm_0"}
    assert [card.payment_method_id for card in page.items] == ["pm_a", "pm_b"]
    assert page.next_cursor == "pm_b"


def test_the_last_page_of_cards_has_no_cursor(gateway: StripeGateway, canned: CannedStripe) -> None:
    # Given
    canned.answers(a_list_of(a_payment_method_object()))
    # When
    page = gateway.list_payment_methods("cus_ada", limit=2, cursor=None)
    # Then
    assert page.next_cursor is None
    assert "starting_after" not in canned.only_request.params


def test_an_intent_is_created_for_manual_confirmation_with_its_cvc_collected_again(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(an_intent_object())
    # When
    intent = gateway.create_payment_intent(a_payment(amount=1800, currency="jpy"))
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_intents")
    assert request.params == {
        "amount": "1800",
        "currency": "jpy",
        "customer": "cus_ada",
        "payment_method": "pm_card",
        "allowed_payment_method_types[0]": "card",
        "confirmation_method": "manual",
        "payment_method_options[card][require_cvc_recollection]": "true",
        "metadata[payment_id]": "pay_1",
        "metadata[user_id]": "ada",
        "metadata[product_id]": "coffee",
    }
    assert request.idempotency_key == "pay_1"
    assert (intent.payment_intent_id, intent.status) == ("pi_1", "requires_confirmation")


def test_an_intent_is_searched_for_by_payment(gateway: StripeGateway, canned: CannedStripe) -> None:
    # Given
    canned.answers(a_search_result_of(an_intent_object(status="succeeded")))
    # When
    found = gateway.find_payment_intent("pay_1")
    # Then
    request = canned.only_request
    assert found is not None
    assert found.status == "succeeded"
    assert (request.method, request.path) == ("GET", "/v1/payment_intents/search")
    assert request.params["query"] == "metadata['payment_id']:'pay_1'"


def test_no_intent_is_found_where_there_is_none(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_search_result_of())
    assert gateway.find_payment_intent("pay_1") is None


def test_an_intent_is_retrieved(gateway: StripeGateway, canned: CannedStripe) -> None:
    # Given
    action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    canned.answers(an_intent_object(status="requires_action", next_action=action))
    # When
    intent = gateway.retrieve_payment_intent("pi_1")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("GET", "/v1/payment_intents/pi_1")
    assert intent.next_action == action


def test_a_confirmation_carries_the_cvc_token_and_asks_for_an_action_the_browser_knows(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(an_intent_object(status="succeeded"))
    # When
    gateway.confirm_payment_intent("pi_1", payment_method_id="pm_card", cvc_token="cvctok_1")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_intents/pi_1/confirm")
    assert request.params == {
        "use_stripe_sdk": "true",
        "expand[0]": "latest_charge",
        "payment_method": "pm_card",
        "payment_method_options[card][cvc_token]": "cvctok_1",
    }
    assert request.idempotency_key
    assert "cvctok_1" not in request.idempotency_key


def test_a_confirmation_has_the_same_key_for_the_same_token_and_card_only(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    attempts = [
        ("pi_1", "pm_card", "cvctok_1"),
        ("pi_1", "pm_card", "cvctok_1"),
        ("pi_1", "pm_card", "cvctok_2"),
        ("pi_1", "pm_other", "cvctok_1"),
        ("pi_2", "pm_card", "cvctok_1"),
    ]
    # When
    for payment_intent_id, card, token in attempts:
        canned.answers(an_intent_object())
        gateway.confirm_payment_intent(payment_intent_id, payment_method_id=card, cvc_token=token)
    # Then
    first, repeated, *others = (request.idempotency_key for request in canned.requests)
    assert first == repeated
    assert len({first, *others}) == 4


def test_continuing_after_a_challenge_is_not_a_repeated_request(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # When
    for _ in range(2):
        canned.answers(an_intent_object(status="succeeded"))
        gateway.confirm_payment_intent("pi_1")
    # Then
    first, second = canned.requests
    assert first.params == {"use_stripe_sdk": "true", "expand[0]": "latest_charge"}
    assert first.idempotency_key != second.idempotency_key


@pytest.mark.parametrize("call", ["create", "confirm"])
def test_a_replayed_answer_leads_to_the_current_state(
    gateway: StripeGateway, canned: CannedStripe, call: str
) -> None:
    # Given an answer from before the payment moved on
    canned.answers(an_intent_object(), idempotent_replayed="true")
    canned.answers(an_intent_object(status="succeeded"))
    # When
    intent = (
        gateway.create_payment_intent(a_payment())
        if call == "create"
        else gateway.confirm_payment_intent("pi_1", cvc_token="cvctok_1")
    )
    # Then
    assert intent.status == "succeeded"
    assert [request.path for request in canned.requests][-1] == "/v1/payment_intents/pi_1"


def test_the_api_base_and_the_key_are_those_of_the_stack(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(an_intent_object())
    # When
    gateway.retrieve_payment_intent("pi_1")
    # Then
    assert canned.only_request.host == "https://stripe.example.com"
    assert canned.only_request.secret_key == "sk_test_first"


def test_without_an_api_base_stripe_itself_is_called(canned: CannedStripe) -> None:
    canned.answers(an_intent_object())
    a_gateway(canned, api_base=None).retrieve_payment_intent("pi_1")
    assert canned.only_request.host == stripe.DEFAULT_API_BASE


def test_closing_the_gateway_closes_its_connections(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    gateway.close()
    assert canned.closed


def test_an_unusual_name_arrives_as_it_is(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_customer_object())
    gateway.create_customer(User(user_id="z", email="z@example.com", name="Zoë & Søn = 50%"))
    assert canned.only_request.params["name"] == "Zoë & Søn = 50%"
