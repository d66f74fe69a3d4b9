"""The bodies: strict types, nothing unknown, and no secret repeated."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pydantic
import pytest

from payments.api.bodies.cards import (
    AttachPaymentMethodRequest,
    CreateSetupIntentRequest,
    PaymentMethodListResponse,
    PaymentMethodResponse,
    UpdatePaymentMethodRequest,
)
from payments.api.bodies.models import RequestModel
from payments.api.bodies.payments import (
    ConfirmPaymentRequest,
    CreatePaymentRequest,
    PaymentListResponse,
    PaymentResponse,
)
from payments.api.bodies.products import ProductResponse
from payments.api.bodies.signup import SignupRequest
from payments.domain.page import Page
from payments.domain.purchase import Purchase, PurchaseItem
from tests.support.fakes.stripe_gateway import CHALLENGE, declined
from tests.unit.builders import a_payment, a_payment_method, a_product, an_intent

SIGNUP: Mapping[str, Any] = {
    "email": "ada@example.com",
    "password": "Analytical-Engine-1",
    "name": "Ada Lovelace",
}
COFFEE: Mapping[str, Any] = {"product_id": "coffee"}
CREATE: Mapping[str, Any] = {"items": [COFFEE], "payment_method_id": "pm_card"}
VALID: Mapping[type[RequestModel], Mapping[str, Any]] = {
    SignupRequest: SIGNUP,
    CreateSetupIntentRequest: {"usage": "on_session"},
    CreatePaymentRequest: CREATE,
    ConfirmPaymentRequest: {},
}
TOMORROW = (datetime.now(UTC) + timedelta(days=1, hours=1)).date().isoformat()


def fields_refused(model: type[RequestModel], body: Mapping[str, Any]) -> list[str]:
    """The fields for which a body is refused."""
    return [path.partition(".")[0] for path in paths_refused(model, body)]


def paths_refused(model: type[RequestModel], body: Mapping[str, Any]) -> list[str]:
    """The same, with what is wrong in a field."""
    try:
        model.model_validate(dict(body))
    except pydantic.ValidationError as error:
        return [".".join(map(str, problem["loc"])) or "body" for problem in error.errors()]
    return []


@pytest.mark.parametrize(("model", "body"), VALID.items())
def test_the_least_that_a_request_says_is_enough(
    model: type[RequestModel], body: Mapping[str, Any]
) -> None:
    assert fields_refused(model, body) == []


@pytest.mark.parametrize(("model", "body"), VALID.items())
@pytest.mark.parametrize("field", ["amount", "user_id", "customer", "Quantity"])
def test_an_unknown_field_is_refused(
    model: type[RequestModel], body: Mapping[str, Any], field: str
) -> None:
    assert fields_refused(model, {**body, field: 1}) == [field]


@pytest.mark.parametrize(("model", "body"), VALID.items())
def test_every_required_field_is_missed(model: type[RequestModel], body: Mapping[str, Any]) -> None:
    assert fields_refused(model, {}) == [field for field in body if field != "items"]


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, ["body"]),
        ({"payment_method_id": "pm_card"}, []),
        ({"setup_intent_id": "seti_1"}, []),
        ({"payment_method_id": "pm_card", "setup_intent_id": "seti_1"}, ["body"]),
        ({"setup_intent_id": "pm_card"}, ["setup_intent_id"]),
        ({"payment_method_id": "seti_1"}, ["payment_method_id"]),
    ],
)
def test_a_card_is_saved_by_either_of_two_ids(body: Mapping[str, Any], refused: list[str]) -> None:
    assert fields_refused(AttachPaymentMethodRequest, body) == refused


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, ["body"]),
        ({"billing_details": {}}, ["body"]),
        ({"exp_month": 12}, []),
        ({"exp_month": 13}, ["exp_month"]),
        ({"exp_year": "2039"}, ["exp_year"]),
        ({"default": True}, []),
        ({"default": False}, ["default"]),
        ({"billing_details": {"email": None}}, []),
        ({"billing_details": {"address": {"country": "gb"}}}, ["billing_details"]),
        ({"billing_details": {"address": {"postal_code": "SW1Y 4JH"}}}, []),
    ],
)
def test_a_card_is_changed_by_something(body: Mapping[str, Any], refused: list[str]) -> None:
    assert fields_refused(UpdatePaymentMethodRequest, body) == refused


@pytest.mark.parametrize("value", ["1", 1.0, 1.5, True, None, [1], {}, 0, -1, 101, 10**30])
def test_a_quantity_is_a_whole_number_of_a_few(value: object) -> None:
    body = {**CREATE, "items": [COFFEE, {"product_id": "tea", "quantity": value}]}
    assert paths_refused(CreatePaymentRequest, body) == ["items.1.quantity"]


@pytest.mark.parametrize("quantity", [1, 100])
def test_a_quantity_may_be_one_to_a_hundred(quantity: int) -> None:
    body = {**CREATE, "items": [{**COFFEE, "quantity": quantity}]}
    (item,) = CreatePaymentRequest.model_validate(body).to_purchase().items
    assert item.quantity == quantity


@pytest.mark.parametrize("value", ["1099", 10.99, True, 0, -1])
def test_the_price_that_the_person_saw_is_in_minor_units(value: object) -> None:
    body = {**CREATE, "items": [{**COFFEE, "unit_amount": value}]}
    assert paths_refused(CreatePaymentRequest, body) == ["items.0.unit_amount"]


@pytest.mark.parametrize(
    "items",
    [{}, "coffee", [], [{"product_id": f"p{n}"} for n in range(51)], [COFFEE, COFFEE]],
    ids=["object", "text", "none", "51", "a product twice"],
)
def test_one_to_fifty_products_are_bought_each_in_one_item(items: object) -> None:
    assert fields_refused(CreatePaymentRequest, {**CREATE, "items": items}) == ["items"]
    fifty = {**CREATE, "items": [{"product_id": f"p{n}"} for n in range(50)]}
    assert len(CreatePaymentRequest.model_validate(fifty).to_purchase().items) == 50


def test_the_request_of_one_product_is_no_more() -> None:
    body = {"product_id": "coffee", "quantity": 1, "payment_method_id": "pm_card"}
    assert fields_refused(CreatePaymentRequest, body) == ["product_id", "quantity"]


@pytest.mark.parametrize(
    "body",
    [
        {"payment_method_id": "pm_card"},
        {"payment_method_id": "pm_card", "items": None},
        {"payment_method_id": "pm_card", "items": [COFFEE], "order_id": "ord_1"},
        {"payment_method_id": "pm_card", "order_id": "ord_1", "currency": "eur"},
    ],
    ids=["neither", "null", "both", "an order in another currency"],
)
def test_a_payment_is_for_items_or_for_an_order(body: dict[str, Any]) -> None:
    assert fields_refused(CreatePaymentRequest, body) == ["body"]


@pytest.mark.parametrize("value", [1, 1.0, True, None, [], {}, ["pm_card"], b"pm_card"])
def test_an_id_is_a_string(value: object) -> None:
    body = {"items": [{"product_id": value}], "payment_method_id": value}
    refused = ["items.0.product_id", "payment_method_id"]
    assert paths_refused(CreatePaymentRequest, body) == refused


@pytest.mark.parametrize(
    "value",
    ["", "pm_", "card", "pm_a b", "pm_a\n", "pm_../customers", "pm_é", "cus_1", "pm_" + "a" * 251],
)
@pytest.mark.parametrize("model", [AttachPaymentMethodRequest, ConfirmPaymentRequest])
def test_a_payment_method_id_is_one_of_stripes(model: type[RequestModel], value: str) -> None:
    assert fields_refused(model, {"payment_method_id": value}) == ["payment_method_id"]


@pytest.mark.parametrize("value", ["", "123", "cvctok", "cvctok_a-b", "cvctok_1\n", 123])
def test_a_cvc_itself_is_no_cvc_token(value: object) -> None:
    assert fields_refused(ConfirmPaymentRequest, {"cvc_token": value}) == ["cvc_token"]


@pytest.mark.parametrize("value", ["cvctok_1", "tok_cvc_update", "cvctok_1AbC9"])
def test_a_cvc_token_is_taken_as_it_is(value: str) -> None:
    assert ConfirmPaymentRequest(cvc_token=value).cvc_token == value


@pytest.mark.parametrize("value", ["eur", "EUR", "Eur"])
def test_a_currency_is_taken_in_any_case(value: str) -> None:
    body = CreatePaymentRequest.model_validate({**CREATE, "currency": value})
    assert body.to_purchase().currency == "eur"


@pytest.mark.parametrize("value", ["", "eu", "euro", "e r", "€€€", "éur", 978])
def test_a_currency_has_three_letters(value: object) -> None:
    assert fields_refused(CreatePaymentRequest, {**CREATE, "currency": value}) == ["currency"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM ", "ada@example.com"),
        ("a+b@sub.example.co.uk", "a+b@sub.example.co.uk"),
    ],
)
def test_an_email_address_is_kept_in_lower_case(value: str, kept: str) -> None:
    assert SignupRequest.model_validate({**SIGNUP, "email": value}).email == kept


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@exa mple.com",
        "a@b@example.com",
        "ada@example..com",
        "ada@.com",
        "ada@example.com\nbcc:x",
        "a" * 250 + "@example.com",
        None,
        1,
    ],
)
def test_what_is_no_email_address_is_refused(value: object) -> None:
    assert fields_refused(SignupRequest, {**SIGNUP, "email": value}) == ["email"]


@pytest.mark.parametrize("value", ["+4915112345678", "+12025550123", "+123456789012345"])
def test_a_phone_number_is_international(value: str) -> None:
    assert SignupRequest.model_validate({**SIGNUP, "phone": value}).phone == value


@pytest.mark.parametrize(
    "value", ["", "015112345678", "+0151123456", "+49 151 123", "+123456", "+1234567890123456", 49]
)
def test_what_is_no_international_phone_number_is_refused(value: object) -> None:
    assert fields_refused(SignupRequest, {**SIGNUP, "phone": value}) == ["phone"]


@pytest.mark.parametrize("value", ["1815-12-10", "2000-02-29"])
def test_a_birthdate_is_a_day_of_the_past(value: str) -> None:
    assert SignupRequest.model_validate({**SIGNUP, "birthdate": value}).birthdate == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2001-02-29",
        "10.12.1815",
        "1815-12-10T00:00",
        "18151210",
        "1815-W50-7",
        "\u0661\u0668\u0661\u0665-\u0661\u0662-\u0661\u0660",  # digits, but not ASCII's
        TOMORROW,
        1815,
    ],
)
def test_what_is_no_day_of_the_past_is_no_birthdate(value: object) -> None:
    assert fields_refused(SignupRequest, {**SIGNUP, "birthdate": value}) == ["birthdate"]


@pytest.mark.parametrize("value", ["", "   ", "a" * 201, None])
def test_a_name_says_something(value: object) -> None:
    assert fields_refused(SignupRequest, {**SIGNUP, "name": value}) == ["name"]


def test_a_registration_has_everything_the_person_said() -> None:
    body = {**SIGNUP, "phone": "+12025550123", "birthdate": "1815-12-10", "gender": "female"}
    registration = SignupRequest.model_validate(body).to_registration()
    assert registration.password == SIGNUP["password"]
    assert (registration.email, registration.name) == (SIGNUP["email"], SIGNUP["name"])
    assert (registration.phone, registration.birthdate) == (body["phone"], body["birthdate"])
    assert registration.gender == "female"


def test_a_purchase_has_everything_the_request_said() -> None:
    items = [COFFEE, {"product_id": "tea", "quantity": 2, "unit_amount": 700}]
    body = {"items": items, "currency": "JPY", "payment_method_id": "pm_card"}
    assert CreatePaymentRequest.model_validate(body).to_purchase() == Purchase(
        (PurchaseItem("coffee", 1), PurchaseItem("tea", 2, 700)), "jpy", "pm_card"
    )


@pytest.mark.parametrize("field", ["email", "name", "gender", "phone", "birthdate"])
def test_what_cannot_be_written_as_utf_8_is_refused(field: str) -> None:
    assert fields_refused(SignupRequest, {**SIGNUP, field: "a\ud800"}) == [field]


# Answers


def test_a_payment_without_its_intent_has_no_secret_and_no_action() -> None:
    answer = PaymentResponse.of(a_payment())
    assert (answer.client_secret, answer.next_action) == (None, None)


def test_a_payment_with_its_intent_has_what_the_browser_needs() -> None:
    answer = PaymentResponse.of(a_payment(), an_intent(next_action=CHALLENGE))
    assert answer.client_secret == "pi_1_secret_of_ada"
    assert answer.next_action == CHALLENGE
    assert (answer.amount, answer.currency) == (1099, "eur")


def test_a_payment_tells_why_its_last_attempt_failed() -> None:
    reason = replace(
        declined("insufficient_funds"), charge_id="ch_1", advice_code="try_again_later"
    )
    answer = PaymentResponse.of(a_payment(last_payment_error=reason))
    assert answer.model_dump()["last_payment_error"] == {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card was declined.",
    }


def test_a_payment_does_not_tell_that_its_card_is_known_as_stolen() -> None:
    answer = PaymentResponse.of(a_payment(last_payment_error=declined("stolen_card")))
    assert answer.model_dump()["last_payment_error"]["decline_code"] == "generic_decline"


def test_a_history_has_no_secrets() -> None:
    page = Page(items=[a_payment()], next_cursor="more")
    answer = PaymentListResponse.of(page).model_dump()
    assert [payment["client_secret"] for payment in answer["data"]] == [None]
    assert answer["next_cursor"] == "more"


def test_a_payment_does_not_show_what_is_not_the_persons_business() -> None:
    shown = PaymentResponse.of(a_payment()).model_dump()
    assert not {"version", "request_hash", "user_id", "stripe_customer_id", "livemode"} & {*shown}


def test_a_card_is_shown_with_its_expiry() -> None:
    page = Page(items=[a_payment_method(), a_payment_method(exp_year=2020)], next_cursor=None)
    answer = PaymentMethodListResponse.of(page)
    assert [card.expired for card in answer.data] == [False, True]
    assert PaymentMethodResponse.of(a_payment_method()).last4 == "4242"


def test_a_product_is_shown_with_all_its_prices() -> None:
    assert ProductResponse.of(a_product()).prices == {"eur": 1099, "jpy": 1800}


# Secrets


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (SignupRequest.model_validate(SIGNUP), "Analytical-Engine-1"),
        (ConfirmPaymentRequest(cvc_token="cvctok_secret"), "cvctok_secret"),
        (PaymentResponse.of(a_payment(), an_intent()), "pi_1_secret_of_ada"),
    ],
    ids=["password", "cvc token", "client secret"],
)
def test_a_secret_does_not_show(body: pydantic.BaseModel, secret: str) -> None:
    assert secret not in f"{body!r} {body!s}"


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(pydantic.ValidationError) as error:
        SignupRequest.model_validate({**SIGNUP, "password": "p" * 257})
    assert "ppp" not in f"{error.value!r} {error.value!s}"
