"""Creating: the real handlers against moto and the Stripe simulator."""

import json
from dataclasses import replace
from typing import Any

import pytest

from payments import wiring
from payments.domain.errors import VersionConflictError
from payments.domain.payment_intent import LastPaymentError
from payments.repositories.payments import payment_from_item
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import PAYMENT_FIELDS, ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
KEY = "first-coffee"
COFFEE = [{"product_id": "coffee"}]


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def test_a_payment_starts_at_the_products_price(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    answer = ada.create(product_id="coffee", quantity=2, currency="eur", payment_method_id=visa)

    assert answer.status == 201
    assert set(answer.body) == PAYMENT_FIELDS
    assert answer.body["status"] == "requires_confirmation"
    assert (answer.body["amount"], answer.body["currency"]) == (2198, "eur")
    (intent,) = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert answer.body["payment_intent_id"] == intent["id"]
    assert answer.body["client_secret"] == intent["client_secret"]
    (user,) = aws.rows("CustomersTable")
    assert intent["amount"] == 2198
    assert intent["customer"] == user["stripe_customer_id"]
    assert intent["confirmation_method"] == "manual"
    row = aws.payment()
    assert intent["metadata"] == {
        "payment_id": answer.body["payment_id"],
        "user_id": user["user_id"],
        "stack": "till",
        "request_hash": row["request_hash"],
        "lines_1": '[["coffee",2,1099,"Coffee"]]',
        "payment_made": intent["metadata"]["payment_made"],
    }
    by = f"person:{user['user_id']}"
    made = json.loads(intent["metadata"]["payment_made"])  # what a rebuild needs
    assert made == [row["created_at"], by, False, 0, 0, 0, None, None]
    line = {"product_id": "coffee", "description": "Coffee", "quantity": 2}
    assert answer.body["lines"] == [line | {"unit_amount": 1099, "amount": 2198}] == row["lines"]


def test_several_products_are_one_payment_with_their_lines(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    aws.put_product("tea", eur=700)
    stripe.forget_calls()

    answer = ada.create(
        items=[{"product_id": "tea", "quantity": 3}, {"product_id": "coffee", "unit_amount": 1099}],
        payment_method_id=visa,
    )

    assert (answer.status, answer.body["amount"]) == (201, 3199)
    lines = [(line["description"], line["amount"]) for line in answer.body["lines"]]
    assert lines == [("Tea", 2100), ("Coffee", 1099)]
    details = stripe.calls()[0]["params"]["amount_details"]
    assert details["enforce_arithmetic_validation"] == "false"
    assert details["line_items"] == [
        {"product_name": "Tea", "product_code": "tea", "quantity": "3", "unit_cost": "700"},
        {"product_name": "Coffee", "product_code": "coffee", "quantity": "1", "unit_cost": "1099"},
    ]


def test_fifty_products_are_read_in_one_call_and_fit_into_stripes_limits(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    ids = [f"{'long-id-' * 31}{n:02}" for n in range(50)]
    for each in ids:
        aws.put_product(each, eur=100)

    answer = ada.create(
        items=[{"product_id": each, "quantity": 2} for each in ids], payment_method_id=visa
    )

    assert (answer.status, answer.body["amount"]) == (201, 10_000)
    assert [line["product_id"] for line in answer.body["lines"]] == ids
    (intent,) = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    packed = "".join(intent["metadata"].get(f"lines_{n}", "") for n in range(1, 50))
    assert [line[:3] for line in json.loads(packed)] == [[each, 2, 100] for each in ids]


def test_what_is_charged_is_what_the_person_saw(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    aws.put_product("tea", active=False, eur=700)
    saw = [
        {"product_id": "coffee", "unit_amount": 999},
        {"product_id": "tea", "unit_amount": 700},
    ]

    answer = ada.create(key=KEY, items=saw, payment_method_id=visa)

    assert (answer.status, answer.code) == (409, "order_not_payable")
    assert answer.body["changes"] == [
        {"product_id": "coffee", "change": "price", "unit_amount": 1099},
        {"product_id": "tea", "change": "gone"},
    ]
    assert aws.rows("PaymentsTable") == []
    assert stripe.listed(SECRET_KEY, "/v1/payment_intents") == []
    # Nothing was started, so the same key may be used for what it is now.
    agreed = [{"product_id": "coffee", "unit_amount": 1099}]
    assert ada.create(key=KEY, items=agreed, payment_method_id=visa).body["amount"] == 1099


def test_stripe_is_asked_once_and_told_all(ada: ApiClient, stripe: Simulator, visa: str) -> None:
    stripe.forget_calls()

    payment = ada.create(product_id="coffee", payment_method_id=visa).body

    (call,) = stripe.calls()
    assert call["idempotency_key"] == payment["payment_id"]
    assert call["params"]["allowed_payment_method_types"] == ["card"]
    assert call["params"]["payment_method_options"]["card"]["require_cvc_recollection"] == "true"
    assert "payment_method_types" not in call["params"]


@pytest.mark.parametrize(
    ("currency", "amount"), [(None, 1099), ("EUR", 1099), ("jpy", 1800), ("kwd", 3500)]
)
def test_amounts_are_in_the_currencys_own_minor_unit(
    ada: ApiClient, visa: str, currency: str | None, amount: int
) -> None:
    wanted = {"currency": currency} if currency else {}

    payment = ada.create(product_id="coffee", payment_method_id=visa, **wanted).body

    assert (payment["amount"], payment["currency"]) == (amount, (currency or "eur").lower())


def test_the_only_currency_need_not_be_named(aws: Aws, ada: ApiClient, visa: str) -> None:
    aws.put_product("sushi", jpy=900)

    payment = ada.create(product_id="sushi", payment_method_id=visa).body

    assert (payment["amount"], payment["currency"]) == (900, "jpy")


def test_a_currency_without_a_price_is_refused(ada: ApiClient, visa: str) -> None:
    answer = ada.create(product_id="coffee", currency="usd", payment_method_id=visa)

    assert (answer.status, answer.code) == (422, "currency_not_offered")
    assert answer.body["detail"] == "Choose one of: eur, jpy, kwd."


@pytest.mark.parametrize("product_id", ["unknown", "withdrawn"])
def test_what_is_not_for_sale_cannot_be_bought(
    aws: Aws, ada: ApiClient, visa: str, product_id: str
) -> None:
    aws.put_product("withdrawn", active=False, eur=100)

    answer = ada.create(product_id=product_id, payment_method_id=visa)

    assert (answer.status, answer.code) == (404, "product_not_found")
    assert answer.body["product_id"] == product_id
    assert aws.rows("PaymentsTable") == []


def test_the_same_request_always_gets_the_same_answer(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    order = {"product_id": "coffee", "payment_method_id": visa}
    first = ada.create(key=KEY, **order)
    aws.put_product("coffee", active=False, eur=9999)
    stripe.forget_idempotency_keys()

    second = ada.create(key=KEY, **order)

    assert (second.status, second.body) == (201, first.body)
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 1


def test_a_key_works_for_one_request_only(ada: ApiClient, visa: str) -> None:
    ada.create(key=KEY, product_id="coffee", payment_method_id=visa)

    answer = ada.create(key=KEY, product_id="coffee", quantity=2, payment_method_id=visa)

    assert (answer.status, answer.code) == (409, "idempotency_key_reused")


def test_two_people_may_have_the_same_key(
    ada: ApiClient, bob: ApiClient, stripe: Simulator, visa: str
) -> None:
    bobs = bob.attached(stripe.payment_method(VISA))

    one = ada.create(key=KEY, product_id="coffee", payment_method_id=visa)
    other = bob.create(key=KEY, product_id="coffee", payment_method_id=bobs)

    assert (one.status, other.status) == (201, 201)
    assert one.body["payment_id"] != other.body["payment_id"]


@pytest.mark.parametrize("key", ["", "short", "x" * 256])
def test_a_bad_key_is_refused(ada: ApiClient, visa: str, key: str) -> None:
    answer = ada.send(
        "POST",
        "/payments",
        body={"items": COFFEE, "payment_method_id": visa},
        headers={"Idempotency-Key": key},
    )

    assert (answer.status, answer.code) == (422, "validation_error")
    assert answer.body["errors"][0]["field"] == "idempotency-key"


def test_a_key_is_needed(ada: ApiClient, visa: str) -> None:
    answer = ada.send("POST", "/payments", body={"items": COFFEE, "payment_method_id": visa})

    assert (answer.status, answer.code) == (400, "idempotency_key_missing")


@pytest.mark.usefixtures("visa")
def test_only_a_saved_card_pays_and_nothing_is_begun_with_another(
    aws: Aws, ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    bobs = bob.attached(stripe.payment_method(VISA))
    unsaved = stripe.payment_method(VISA)

    for payment_method_id in (bobs, unsaved, "pm_unknown", "pm_card_visa"):
        answer = ada.create(product_id="coffee", payment_method_id=payment_method_id)
        assert (answer.status, answer.code) == (404, "payment_method_not_found")

    assert aws.rows("PaymentsTable") == []
    assert stripe.listed(SECRET_KEY, "/v1/payment_intents") == []


def test_a_refused_order_is_refused_again_and_its_key_works_for_no_other(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    gone = ada.attached(stripe.payment_method("5555555555554444"))
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{gone}/detach")  # behind our back
    refused = {"product_id": "coffee", "payment_method_id": gone}
    ada.create(key=KEY, **refused)

    again = ada.create(key=KEY, **refused)
    other = ada.create(key=KEY, **refused | {"payment_method_id": visa})

    assert (again.status, again.code) == (404, "payment_method_not_found")
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    row = aws.payment()
    assert (row["status"], row["last_payment_error"]["code"]) == (
        "refused",
        "payment_method_not_found",
    )
    assert [line["to_status"] for line in row["history"]] == ["refused"]


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_failure_that_stripe_remembers_leads_to_one_intent(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str, kind: str
) -> None:
    stripe.fault("POST", "/v1/payment_intents", kind)
    order = {"product_id": "coffee", "payment_method_id": visa}

    answer = ada.create(key=KEY, **order)

    assert answer.status == 201
    (intent,) = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert answer.body["payment_intent_id"] == intent["id"]
    assert aws.payment()["key_generation"] == (2 if kind == "remembered_500" else 1)
    assert ada.create(key=KEY, **order).body["payment_intent_id"] == intent["id"]


def test_the_key_that_comes_next_is_stored_before_it_is_used(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    stripe.fault("POST", "/v1/payment_intents", "remembered_500")
    # The SDK's two retries, which are replays.
    stripe.fault("POST", "/v1/payment_intents", "latency", times=2)
    stripe.fault("POST", "/v1/payment_intents", "timeout_after", times=3)
    order = {"product_id": "coffee", "payment_method_id": visa}

    cut_off = ada.create(key=KEY, **order)

    assert (cut_off.status, cut_off.code) == (503, "stripe_unavailable")
    assert aws.payment()["key_generation"] == 2
    assert ada.create(key=KEY, **order).status == 201
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 1


def test_a_person_who_never_saved_a_card_has_none(ada: ApiClient) -> None:
    answer = ada.create(product_id="coffee", payment_method_id="pm_unknown")

    assert (answer.status, answer.code) == (404, "payment_method_not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("items.0.quantity", 0),
        ("items.0.quantity", 101),
        ("items.0.quantity", "1"),
        ("items.0.quantity", 1.5),
        ("items.0.quantity", True),
        ("items.0.unit_amount", "1099"),
        ("items.0.product_id", None),
        ("items", []),
        ("items", [{"product_id": f"product-{n}"} for n in range(51)]),
        ("items", [COFFEE[0], COFFEE[0]]),
        ("currency", "euro"),
        ("payment_method_id", "card_123"),
        ("payment_method_id", "pm_/../../customers"),
        ("product_id", "coffee"),
        ("amount", 1),
    ],
)
def test_a_bad_field_is_named(
    aws: Aws, ada: ApiClient, visa: str, field: str, value: object
) -> None:
    order: dict[str, Any] = {"items": COFFEE, "payment_method_id": visa}
    *_, name = field.split(".")
    order |= {"items": [{**COFFEE[0], name: value}]} if "." in field else {field: value}

    answer = ada.send("POST", "/payments", body=order, headers={"Idempotency-Key": KEY})

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert aws.rows("PaymentsTable") == []


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "http_500"])
def test_a_creation_that_was_cut_off_is_finished_by_the_retry(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str, kind: str
) -> None:
    stripe.fault("POST", "/v1/payment_intents", kind, times=3)
    order = {"product_id": "coffee", "payment_method_id": visa}

    cut_off = ada.create(key=KEY, **order)
    assert (cut_off.status, cut_off.code) == (503, "stripe_unavailable")
    assert cut_off.body["retryable"] is True
    assert cut_off.headers["Retry-After"]
    row = aws.payment()
    assert (row["status"], row["amount"]) == ("pending", 1099)
    assert ada.payment(row["payment_id"]).body["status"] == "pending"

    retried = ada.create(key=KEY, **order)

    assert retried.status == 201
    (intent,) = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert retried.body["payment_intent_id"] == intent["id"]


def test_a_creation_cut_off_days_ago_is_found_not_repeated(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    stripe.fault("POST", "/v1/payment_intents", "timeout_after", times=3)
    order = {"product_id": "coffee", "payment_method_id": visa}
    ada.create(key=KEY, **order)
    aws.put_payment(aws.payment() | {"created_at": "2020-01-01T00:00:00.000Z"})
    stripe.forget_idempotency_keys()

    retried = ada.create(key=KEY, **order)

    assert retried.status == 201
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 1


def test_a_payment_that_got_further_is_never_refused(aws: Aws, ada: ApiClient, visa: str) -> None:
    ada.create(product_id="coffee", payment_method_id=visa)
    row = aws.payment()
    pending = replace(payment_from_item(row), version=row["version"] - 1)
    reason = LastPaymentError("refused", None, "No.")

    with pytest.raises(VersionConflictError):
        wiring.payments().end(pending, "refused", reason, by="create", actor="create")

    assert aws.payment() == row
