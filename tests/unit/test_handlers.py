"""The handlers: each route parses, calls its use case and shapes the answer."""

import importlib
import subprocess
import sys
from typing import Any

import pytest

from payments import wiring
from payments.api import app as http
from payments.domain.customer import User
from payments.guard import Guard
from tests.support.commands import ROOT
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakeImports,
    FakeOrders,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe, declined
from tests.support.fakes.user_pool import FakeUserPool
from tests.support.routes import STEPS
from tests.unit.api_gateway import Answer, an_event, send
from tests.unit.builders import ADA, BOB, a_customer, a_product
from tests.unit.orders_app import orders_settings

KEY = {"Idempotency-Key": "a-key-that-is-long-enough"}
PURCHASE = {"items": [{"product_id": "coffee"}], "payment_method_id": "pm_card"}


@pytest.fixture(autouse=True)
def _guarded(monkeypatch: pytest.MonkeyPatch, guard: Guard) -> None:
    monkeypatch.setattr(wiring, "guard", lambda _client=None: guard)


@pytest.fixture(autouse=True)
def _wired_to_fakes(
    monkeypatch: pytest.MonkeyPatch,
    stripe: FakeStripe,
    customers: FakeCustomers,
    imports: FakeImports,
    products: FakeProducts,
    payments: FakePayments,
    inputs: FakePaymentInputs,
    user_pool: FakeUserPool,
) -> None:
    fakes = {
        "stripe_gateway": stripe,
        "customers": customers,
        "imports": imports,
        "products": products,
        "payments": payments,
        "payment_inputs": inputs,
        "orders": FakeOrders(),
        "user_pool": user_pool,
        "pool_administration": user_pool,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(wiring, name, lambda fake=fake: fake)
    monkeypatch.setattr(http, "settings", orders_settings)
    monkeypatch.setattr(wiring, "settings", orders_settings)
    for step in ("create_payment_intent", "confirm_payment_intent", "signup"):
        handler = importlib.import_module(f"functions.{step}.handler")
        monkeypatch.setattr(handler, "settings", orders_settings)
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "challenge", "succeed")
    customers.rows[ADA.user_id] = a_customer(saved_cards={"pm_card": "of pm_card"})
    products.put(a_product())


def call(step: str, method: str, path: str, *, user: User | None = ADA, **event: Any) -> Answer:
    """A function's answer."""
    app = importlib.import_module(f"functions.{step}.handler").app
    return send(app, an_event(method, path, resource=app.path, user=user, **event))


def create(**body: object) -> Answer:
    """Ada starts a payment."""
    return call(
        "create_payment_intent", "POST", "/payments", headers=KEY, body={**PURCHASE, **body}
    )


def confirm(payment_id: str, **body: object) -> Answer:
    """Ada confirms it."""
    return call("confirm_payment_intent", "POST", f"/payments/{payment_id}/confirm", body=body)


def test_signup_answers_with_the_new_user(user_pool: FakeUserPool) -> None:
    # When
    body = {"email": "Bob@Example.com", "password": "Analytical-Engine-1", "name": "Bob"}
    answer = call("signup", "POST", "/signup", user=None, body=body)
    # Then
    assert answer.status == 201
    assert answer.body == {
        "user_id": "user-1",
        "email": "bob@example.com",
        "confirmation_required": True,
    }
    (person,) = user_pool.people.values()
    assert person.registration.password == "Analytical-Engine-1"


def test_a_refused_signup_says_what_is_wrong_with_each_field(user_pool: FakeUserPool) -> None:
    # When
    body = {"email": "ada", "password": "", "name": "Ada", "birthdate": "2999-01-01"}
    answer = call("signup", "POST", "/signup", user=None, body=body)
    # Then
    assert answer.status == 422
    messages = {error["field"]: error["message"] for error in answer.body["errors"]}
    assert messages.keys() == {"email", "password", "birthdate"}
    assert messages["email"] == "must be an email address"
    assert messages["birthdate"] == "must not be in the future"
    assert user_pool.people == {}


def test_products_are_for_everybody_to_see() -> None:
    answer = call("list_products", "GET", "/products", user=None)
    assert answer.status == 200
    (product,) = answer.body["data"]
    assert (product["product_id"], product["prices"]) == ("coffee", {"eur": 1099, "jpy": 1800})
    assert call("get_product", "GET", "/products/coffee", user=None).body == product
    assert call("get_product", "GET", "/products/tea", user=None).status == 404


def test_products_are_listed_in_pages(products: FakeProducts) -> None:
    # Given
    products.put(a_product(product_id="tea", name="Tea"))
    # When
    first = call("list_products", "GET", "/products", query={"limit": "1"})
    cursor = first.body["next_cursor"]
    rest = call("list_products", "GET", "/products", query={"cursor": cursor})
    # Then
    ids = [answer.body["data"][0]["product_id"] for answer in (first, rest)]
    assert ids == ["coffee", "tea"]
    assert rest.body["next_cursor"] is None


def test_only_what_is_for_sale_may_be_kept_by_a_cache() -> None:
    kept = [
        call("list_products", "GET", "/products", user=None),
        call("get_product", "GET", "/products/coffee", user=None),
    ]
    not_kept = [
        call("list_products", "GET", "/products", user=None, query={"limit": "0"}),
        call("get_product", "GET", "/products/tea", user=None),
        call("list_payments", "GET", "/payments"),
        create(),
    ]
    assert {each.headers["Cache-Control"] for each in kept} == {"public, max-age=60"}
    assert {each.headers["Cache-Control"] for each in not_kept} == {"no-store"}


def test_attaching_answers_201_and_then_200_with_the_same_body(stripe: FakeStripe) -> None:
    # Given
    stripe.has_card("pm_new", of=None)
    body = {"payment_method_id": "pm_new"}
    # When
    first = call("attach_payment_method", "POST", "/payment-methods", body=body)
    again = call("attach_payment_method", "POST", "/payment-methods", body=body)
    # Then
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert (first.body["last4"], first.body["expired"]) == ("4242", False)


def test_cards_are_listed_in_pages(stripe: FakeStripe) -> None:
    # Given
    stripe.has_card("pm_newer")
    # When
    first = call("list_payment_methods", "GET", "/payment-methods", query={"limit": "1"})
    cursor = first.body["next_cursor"]
    rest = call("list_payment_methods", "GET", "/payment-methods", query={"cursor": cursor})
    # Then
    ids = [answer.body["data"][0]["payment_method_id"] for answer in (first, rest)]
    assert ids == ["pm_newer", "pm_card"]
    assert rest.body["next_cursor"] is None


TWO = [{"product_id": "coffee", "quantity": 2}]


def test_creating_answers_with_the_client_secret() -> None:
    answer = create(items=TWO, currency="JPY")
    assert answer.status == 201
    assert (answer.body["amount"], answer.body["currency"]) == (3600, "jpy")
    assert answer.body["client_secret"]
    assert create(items=TWO, currency="jpy").body == answer.body


def test_a_payment_goes_through_its_challenge_to_the_end(stripe: FakeStripe) -> None:
    # Given
    created = create().body
    stripe.has_cvc_token("cvctok_1")
    # When
    challenged = confirm(created["payment_id"], cvc_token="cvctok_1")
    stripe.complete_challenge(created["payment_intent_id"])
    done = confirm(created["payment_id"])
    # Then
    assert (challenged.status, challenged.body["status"]) == (200, "requires_action")
    assert challenged.body["next_action"]
    assert (done.status, done.body["status"]) == (200, "succeeded")
    assert done.body["next_action"] is None


def test_a_refusal_carries_the_payment_and_its_secret_to_its_owner(stripe: FakeStripe) -> None:
    # Given
    stripe.has_card("pm_card", declined("lost_card"))
    created = create().body
    stripe.has_cvc_token("cvctok_1")
    # When
    answer = confirm(created["payment_id"], cvc_token="cvctok_1")
    # Then
    assert (answer.status, answer.body["code"]) == (402, "card_declined")
    assert answer.body["decline_code"] == "generic_decline"  # a thief learns no more
    assert answer.body["retryable"] is False
    assert answer.body["payment"]["client_secret"] == created["client_secret"]


def test_a_payment_is_shown_to_its_owner_only() -> None:
    # Given
    created = create().body
    path = f"/payments/{created['payment_id']}"
    # When, then
    shown = call("get_payment", "GET", path)
    hidden = call("get_payment", "GET", path, user=BOB)
    assert (shown.status, shown.body["client_secret"]) == (200, created["client_secret"])
    assert (hidden.status, hidden.body["code"]) == (404, "payment_not_found")


def test_the_history_has_no_secret() -> None:
    # Given
    created = create().body
    # When
    answer = call("list_payments", "GET", "/payments")
    # Then
    (payment,) = answer.body["data"]
    assert answer.status == 200
    assert payment == {**created, "client_secret": None}
    assert created["client_secret"] not in str(answer)


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ("list_products", "/products"),
        ("list_payment_methods", "/payment-methods"),
        ("list_payments", "/payments"),
    ],
)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten"])
def test_a_page_has_1_to_100_items(step: str, path: str, limit: str) -> None:
    answer = call(step, "GET", path, query={"limit": limit})
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["limit"]


@pytest.mark.parametrize("cursor", ["cus_1", "pm_../customers", "x" * 300, "", "pm_bob"])
def test_a_cursor_that_is_no_card_of_the_persons_is_refused(
    stripe: FakeStripe, cursor: str
) -> None:
    # Given
    stripe.has_card("pm_bob", of="cus_bob")
    # When
    answer = call("list_payment_methods", "GET", "/payment-methods", query={"cursor": cursor})
    # Then
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    ("step", "method", "path", "body"),
    [
        ("attach_payment_method", "POST", "/payment-methods", {"payment_method_id": "pm_card"}),
        ("list_payment_methods", "GET", "/payment-methods", None),
        ("create_payment_intent", "POST", "/payments", PURCHASE),
        ("confirm_payment_intent", "POST", "/payments/pay_1/confirm", {}),
        ("get_payment", "GET", "/payments/pay_1", None),
        ("list_payments", "GET", "/payments", None),
        ("sign_out", "POST", "/sign-out", None),
    ],
)
def test_every_other_route_is_for_a_person_who_is_logged_in(
    step: str, method: str, path: str, body: object, stripe: FakeStripe
) -> None:
    answer = call(step, method, path, user=None, body=body, headers=KEY)
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")
    assert stripe.calls == []


def test_logging_out_everywhere_answers_with_the_moment(customers: FakeCustomers) -> None:
    answer = call("sign_out", "POST", "/sign-out")
    assert answer.status == 200
    assert answer.body == {"signed_out_at": customers.rows[ADA.user_id].signed_out_at}


def test_a_token_from_before_that_is_refused(customers: FakeCustomers) -> None:
    customers.rows[ADA.user_id] = a_customer(signed_out_at="2999-01-01T00:00:00.000Z")
    answer = create()
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")
    assert answer.body["detail"] == "You were logged out on all devices: log in again."
    assert "retryable" not in answer.body


def test_no_environment_is_read_before_a_request_needs_it() -> None:
    imports = "; ".join(f"import functions.{step}.handler" for step in STEPS)
    subprocess.run([sys.executable, "-c", imports], env={}, cwd=ROOT, check=True)  # noqa: S603
