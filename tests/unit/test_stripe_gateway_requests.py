"""The gateway's requests: which call, with which parameters and which idempotency key."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from payments.domain.clock import timestamp
from payments.domain.customer import UnfinishedCustomer, User
from payments.domain.errors import CustomerMissingError, PaymentRefusedError
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe, a_gateway
from tests.unit.builders import ADA, LONG_AGO, a_line, a_payment, a_pending_payment, a_purchase
from tests.unit.stripe_objects import (
    a_customer_object,
    a_list_of,
    a_payment_method_object,
    a_search_result_of,
    an_intent_object,
)

_AN_HOUR = 60 * 60


def test_a_customer_is_created_with_a_key_that_derives_from_the_user(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_customer_object())
    # When
    stripe_customer_id = gateway.create_customer(ADA, UnfinishedCustomer("ada"))
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


@pytest.mark.parametrize(
    ("unfinished", "key"),
    [
        (UnfinishedCustomer("ada", replaces="cus_old"), "customer-ada-after-cus_old"),
        (UnfinishedCustomer("ada", key_generation=2), "customer-ada-g2"),
        (
            UnfinishedCustomer("ada", replaces="cus_old", key_generation=3),
            "customer-ada-after-cus_old-g3",
        ),
    ],
)
def test_a_replacement_and_each_generation_have_a_key_of_their_own(
    gateway: StripeGateway, canned: CannedStripe, unfinished: UnfinishedCustomer, key: str
) -> None:
    # Given
    canned.answers(a_customer_object())
    # When
    gateway.create_customer(ADA, unfinished)
    # Then
    assert canned.only_request.idempotency_key == key


def test_without_an_address_none_is_sent_and_the_key_is_another(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_customer_object())
    # When
    gateway.create_customer(replace(ADA, email=""), UnfinishedCustomer("ada", key_generation=2))
    # Then
    request = canned.only_request
    assert request.params == {"name": "Ada Lovelace", "metadata[user_id]": "ada"}
    assert request.idempotency_key == "customer-ada-without-email-g2"


@pytest.mark.parametrize(
    ("email", "sent"),
    [
        ("ada@lovelace.example", {"name": "Ada King", "email": "ada@lovelace.example"}),
        (None, {"name": "Ada King"}),
    ],
)
def test_a_customer_gets_another_name_and_an_address_if_there_is_one(
    gateway: StripeGateway, canned: CannedStripe, email: str | None, sent: dict[str, str]
) -> None:
    canned.answers(a_customer_object())
    gateway.update_customer("cus_ada", email=email, name="Ada King")
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/customers/cus_ada")
    assert request.params == sent


@pytest.mark.parametrize(
    ("status", "refusal", "error"),
    [
        (404, {"code": "resource_missing", "param": "id"}, CustomerMissingError),
        (400, {"code": "email_invalid", "param": "email"}, PaymentRefusedError),
    ],
)
def test_a_customer_that_is_gone_or_an_address_that_is_refused_is_told(
    gateway: StripeGateway,
    canned: CannedStripe,
    status: int,
    refusal: dict[str, Any],
    error: type[Exception],
) -> None:
    canned.refuses(status, **refusal)
    with pytest.raises(error) as told:
        gateway.update_customer("cus_ada", email="ada@", name="Ada")
    if isinstance(told.value, PaymentRefusedError):
        assert told.value.param == "email"


def test_a_customer_is_listed_by_address_and_the_persons_oldest_is_taken(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given an address that somebody else has used as well
    canned.answers(
        a_list_of(
            a_customer_object(id="cus_younger", created=3, metadata={"user_id": "ada"}),
            a_customer_object(id="cus_oldest", created=2, metadata={"user_id": "ada"}),
            a_customer_object(id="cus_bob", created=1, metadata={"user_id": "bob"}),
            a_customer_object(id="cus_merchant", created=1, metadata={}),
        )
    )
    # When
    found = gateway.find_customer(ADA)
    # Then
    request = canned.only_request
    assert found == "cus_oldest"
    assert (request.method, request.path) == ("GET", "/v1/customers")
    assert request.params == {"email": "ada@example.com", "limit": "100"}


def test_a_customer_with_another_address_is_searched_for_by_user(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_list_of())
    canned.answers(a_search_result_of(a_customer_object(metadata={"user_id": "ada"})))
    # When
    found = gateway.find_customer(ADA)
    # Then
    request = canned.requests[-1]
    assert found == "cus_ada"
    assert (request.method, request.path) == ("GET", "/v1/customers/search")
    assert request.params["query"] == "metadata['user_id']:'ada'"


def test_a_person_without_an_address_is_only_searched_for(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_search_result_of())
    assert gateway.find_customer(replace(ADA, email="")) is None
    assert canned.only_request.path == "/v1/customers/search"


def test_the_newest_customers_are_looked_through_where_the_search_is_not_enough(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_list_of())
    canned.answers(a_search_result_of())
    canned.answers(a_list_of(a_customer_object(metadata={"user_id": "ada"})))
    # When
    found = gateway.find_customer(ADA, newest=True)
    # Then
    assert found == "cus_ada"
    assert canned.requests[-1].path == "/v1/customers"
    assert canned.requests[-1].params == {"limit": "100"}


def test_no_customer_is_found_where_there_is_none(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_list_of())
    canned.answers(a_search_result_of())
    assert gateway.find_customer(ADA) is None


def test_an_account_without_search_has_its_customers_listed(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_list_of())
    canned.refuses(400, message="Search is not available in your region.")
    assert gateway.find_customer(ADA) is None


def test_an_address_that_stripe_does_not_list_by_is_searched_for(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(400, code="email_invalid", param="email")
    canned.answers(a_search_result_of(a_customer_object(metadata={"user_id": "ada"})))
    assert gateway.find_customer(ADA) == "cus_ada"


def test_a_card_is_attached_with_a_key_that_derives_from_card_and_customer(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    created = int(time.time()) - 22 * _AN_HOUR
    canned.answers(a_payment_method_object(created=created))
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_methods/pm_card/attach")
    assert request.params == {"customer": "cus_ada"}
    assert request.idempotency_key == "attach-cus_ada-pm_card"
    assert new
    assert (card.brand, card.last4, card.cardholder_name) == ("visa", "4242", "Ada Lovelace")
    assert card.created_at == timestamp(datetime.fromtimestamp(created, UTC))


def test_attaching_again_after_the_key_is_forgotten_is_not_new(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given Stripe, which lets a card be attached to the same customer twice
    canned.answers(a_payment_method_object(created=int(time.time()) - 24 * _AN_HOUR))
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    assert (card.payment_method_id, new) == ("pm_card", False)
    assert len(canned.requests) == 1


def test_attaching_again_within_a_day_shows_the_card_as_it_is(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_payment_method_object(id="pm_made"), idempotent_replayed="true")
    canned.answers(a_payment_method_object(id="pm_made", billing_details={"name": "Countess"}))
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    assert (card.payment_method_id, card.cardholder_name, new) == ("pm_made", "Countess", False)
    assert canned.requests[-1].method == "GET"
    assert canned.requests[-1].path == "/v1/customers/cus_ada/payment_methods/pm_made"


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


def test_a_card_that_was_saved_in_spite_of_a_remembered_failure_is_saved(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.fails_for_good()
    canned.answers(a_payment_method_object())
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    assert (card.payment_method_id, new) == ("pm_card", False)
    assert canned.requests[-1].method == "GET"


def test_a_card_that_a_remembered_failure_left_out_is_attached_with_another_key(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.fails_for_good()
    canned.refuses(404, param="customer")  # Stripe's way to say: not this customer's card
    canned.answers(a_payment_method_object(created=int(time.time())))
    # When
    card, new = gateway.attach_payment_method("pm_card", stripe_customer_id="cus_ada")
    # Then
    request = canned.requests[-1]
    assert (card.payment_method_id, new) == ("pm_card", True)
    assert (request.method, request.path) == ("POST", "/v1/payment_methods/pm_card/attach")
    assert "attach" not in str(request.idempotency_key)  # it is the SDK's own


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
    assert request.params == {
        "type": "card",
        "limit": "2",
        "starting_after": "pm_0",
        "expand[0]": "data.customer",
    }
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
        "metadata[stack]": "till-test",
        "metadata[request_hash]": a_purchase().request_hash,
        "metadata[payment_made]": '["2999-01-01T00:00:00.000Z",null,false,0,0,0,null,null]',
        "metadata[lines_1]": '[["coffee",1,1800,"Coffee"]]',
        "amount_details[line_items][0][product_name]": "Coffee",
        "amount_details[line_items][0][product_code]": "coffee",
        "amount_details[line_items][0][quantity]": "1",
        "amount_details[line_items][0][unit_cost]": "1800",
        "amount_details[enforce_arithmetic_validation]": "false",
    }
    assert request.idempotency_key == "pay_1"
    assert (intent.payment_intent_id, intent.status) == ("pi_1", "requires_confirmation")


def test_the_next_generation_of_an_intents_key_is_sent_as_such(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(an_intent_object())
    gateway.create_payment_intent(a_pending_payment(key_generation=2))
    assert canned.only_request.idempotency_key == "pay_1-g2"


def a_payments_intent(**changes: Any) -> dict[str, Any]:
    """An intent with what `a_payment` is compared by."""
    compared = {"customer": "cus_ada", "amount": 1099, "currency": "eur", "livemode": False}
    metadata = {"payment_id": "pay_1", "stack": "till-test"}
    return an_intent_object(**compared | {"metadata": metadata} | changes)


def test_an_intent_is_looked_for_among_the_customers(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    others = a_payments_intent(id="pi_other", metadata={"payment_id": "pay_2"})
    without = a_payments_intent(id="pi_without", metadata=None)
    ours = a_payments_intent(status="succeeded")
    canned.answers(a_list_of(others, without, ours))
    # When
    found = gateway.find_payment_intent(
        a_pending_payment(created_at="2026-01-01T00:05:00.000Z")  # 1767225900
    )
    # Then
    request = canned.only_request
    assert found is not None
    assert (found.payment_intent_id, found.status) == ("pi_1", "succeeded")
    assert (request.method, request.path) == ("GET", "/v1/payment_intents")
    assert request.params == {
        "customer": "cus_ada",
        "created[gte]": "1767225600",  # five minutes earlier: clocks differ
        "expand[0]": "data.latest_charge",
        "expand[1]": "data.latest_charge.refunds",
        "limit": "100",
    }


def test_an_intent_is_looked_for_page_by_page(gateway: StripeGateway, canned: CannedStripe) -> None:
    # Given
    other = a_payments_intent(id="pi_other", metadata={})
    canned.answers(a_list_of(other, has_more=True))
    canned.answers(a_list_of(a_payments_intent()))
    # When
    found = gateway.find_payment_intent(a_pending_payment(created_at=LONG_AGO))
    # Then
    assert found is not None
    assert "starting_after" not in canned.requests[0].params
    assert canned.requests[1].params["starting_after"] == "pi_other"


@pytest.mark.parametrize("differs", [{"amount": 1}, {"currency": "usd"}, {"livemode": True}])
def test_an_intent_that_is_not_the_payments_is_not_found(
    gateway: StripeGateway, canned: CannedStripe, differs: dict[str, Any]
) -> None:
    canned.answers(a_list_of(a_payments_intent(**differs)))
    assert gateway.find_payment_intent(a_pending_payment(created_at=LONG_AGO)) is None


def test_no_intent_is_found_where_there_is_none(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_list_of())
    assert gateway.find_payment_intent(a_pending_payment(created_at=LONG_AGO)) is None


def test_a_customer_that_stripe_does_not_know_has_no_intents(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, code="resource_missing", param="customer")
    assert gateway.find_payment_intent(a_pending_payment(created_at=LONG_AGO)) is None


def test_an_intent_says_what_a_payment_is_compared_by(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(a_payments_intent(status="succeeded", amount_received=1099))
    # When
    intent = gateway.retrieve_payment_intent("pi_1")
    # Then
    assert (intent.stripe_customer_id, intent.livemode) == ("cus_ada", False)
    assert (intent.amount, intent.currency, intent.amount_received) == (1099, "eur", 1099)
    assert (intent.payment_id, intent.stack) == ("pay_1", "till-test")


def test_the_account_is_asked_for_once_for_each_key(canned: CannedStripe) -> None:
    # Given
    gateway = a_gateway(canned, "sk_test_old", "sk_test_new")
    for account_id in ("acct_old", "acct_new"):
        canned.answers({"id": account_id, "object": "account"})
    # When, then
    assert [gateway.account_id(), gateway.account_id()] == ["acct_old", "acct_old"]
    assert canned.only_request.path == "/v1/account"
    gateway._secret.secret_key(refresh=True)
    assert [gateway.account_id(), gateway.account_id()] == ["acct_new", "acct_new"]
    assert [request.secret_key for request in canned.requests] == ["sk_test_old", "sk_test_new"]


def test_a_key_that_may_not_read_its_account_does_not_know_it(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(403)
    assert [gateway.account_id(), gateway.account_id()] == [None, None]
    assert canned.only_request.path == "/v1/account"


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


def test_a_confirmation_carries_the_cvc_token_and_what_the_person_agreed_to(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(an_intent_object(status="succeeded"))
    # When
    gateway.confirm_payment_intent(
        "pi_1",
        payment=a_payment(amount=2198, lines=(a_line(quantity=2),)),
        payment_method_id="pm_card",
        cvc_token="cvctok_1",
    )
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_intents/pi_1/confirm")
    assert request.params == {
        "use_stripe_sdk": "true",
        "expand[0]": "latest_charge",
        "expand[1]": "latest_charge.refunds",
        "amount_details[line_items][0][product_name]": "Coffee",
        "amount_details[line_items][0][product_code]": "coffee",
        "amount_details[line_items][0][quantity]": "2",
        "amount_details[line_items][0][unit_cost]": "1099",
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
        gateway.confirm_payment_intent(
            payment_intent_id, payment=a_payment(), payment_method_id=card, cvc_token=token
        )
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
        gateway.confirm_payment_intent("pi_1", payment=a_payment())
    # Then
    first, second = canned.requests
    assert first.params == {
        "use_stripe_sdk": "true",
        "expand[0]": "latest_charge",
        "expand[1]": "latest_charge.refunds",
        "amount_details[line_items][0][product_name]": "Coffee",
        "amount_details[line_items][0][product_code]": "coffee",
        "amount_details[line_items][0][quantity]": "1",
        "amount_details[line_items][0][unit_cost]": "1099",
    }
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
        else gateway.confirm_payment_intent("pi_1", payment=a_payment(), cvc_token="cvctok_1")
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
    user = User(user_id="z", email="z@example.com", name="Zoë & Søn = 50%")
    gateway.create_customer(user, UnfinishedCustomer("z"))
    assert canned.only_request.params["name"] == "Zoë & Søn = 50%"


def test_stripe_is_told_where_to_send_a_receipt(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(an_intent_object(status="succeeded"))

    gateway.confirm_payment_intent(
        "pi_1", payment=a_payment(), cvc_token="cvctok_1", receipt_email="ada@example.com"
    )

    assert canned.only_request.params["receipt_email"] == "ada@example.com"
