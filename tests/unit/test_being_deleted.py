"""A person whose account is being deleted, or was erased: every route that refuses them."""

import importlib
from dataclasses import replace
from typing import Any

import pytest

from payments import wiring
from payments.api import app as http
from payments.domain.customer import Customer, ErasedPerson, UnfinishedCustomer, User
from payments.guard import Guard
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakeImports,
    FakeOrders,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES
from tests.unit.api_gateway import Answer, an_event, send
from tests.unit.builders import ADA, LONG_AGO, a_customer, a_payment, a_product, an_order
from tests.unit.orders_app import orders_settings

STAY_OPEN = {"GET /account", "GET /account/export", "DELETE /account"}
OF_A_PERSON = sorted(ROUTES.keys() - PUBLIC - MERCHANTS)
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /account": {"name": "Ada King"},
    "POST /setup-intents": {"usage": "on_session"},
    "POST /payment-methods": {"payment_method_id": "pm_card"},
    "PATCH /payment-methods/{payment_method_id}": {"default": True},
    "POST /payments": {"items": [{"product_id": "coffee"}], "payment_method_id": "pm_card"},
    "POST /payments/{payment_id}/confirm": {},
}
ASKED = {"deletion_requested_at": LONG_AGO, "saved_cards": {"pm_card": "of pm_card"}}


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
    orders = FakeOrders()
    orders.rows["ord_1"] = an_order()
    fakes = {
        "stripe_gateway": stripe,
        "customers": customers,
        "imports": imports,
        "products": products,
        "payments": payments,
        "payment_inputs": inputs,
        "pool_administration": user_pool,
        "orders": orders,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(wiring, name, lambda fake=fake: fake)
    for step in ROUTES.values():
        handler = importlib.import_module(f"functions.{step}.handler")
        if hasattr(handler, "settings"):
            monkeypatch.setattr(handler, "settings", orders_settings)
    monkeypatch.setattr(http, "settings", orders_settings)
    monkeypatch.setattr(wiring, "settings", orders_settings)
    stripe.has_customer(ADA)
    stripe.has_card("pm_card")
    stripe.has_intent(payments.put(a_payment()))
    products.put(a_product())
    user_pool.put(ADA)


def ask(route: str, user: User = ADA) -> Answer:
    """Send a request that would be fine for anybody else."""
    method, resource = route.split()
    path = resource.format(payment_id="pay_1", payment_method_id="pm_card", order_id="ord_1")
    handler = importlib.import_module(f"functions.{ROUTES[route]}.handler")
    event = an_event(
        method,
        path,
        resource=resource,
        user=user,
        body=BODIES.get(route),
        headers={"Idempotency-Key": "a-key-that-is-long-enough"},
    )
    return send(handler.app, event)


@pytest.mark.parametrize("route", OF_A_PERSON)
def test_the_requests_here_let_anybody_else_in(customers: FakeCustomers, route: str) -> None:
    customers.rows["ada"] = a_customer(saved_cards={"pm_card": "of pm_card"})
    answer = ask(route)
    needs_a_cvc = route == "POST /payments/{payment_id}/confirm"
    assert (answer.status == 422) == needs_a_cvc
    assert needs_a_cvc or answer.status in {200, 201, 202, 204}


@pytest.mark.parametrize(
    ("row", "user"),
    [
        (a_customer(**ASKED), ADA),
        (a_customer(**ASKED, signed_out_at="2999-01-01T00:00:00.000Z"), ADA),
        (UnfinishedCustomer("ada", deletion_requested_at=LONG_AGO), ADA),
        (a_customer(saved_cards=ASKED["saved_cards"]), replace(ADA, deletion_requested=True)),
        (None, replace(ADA, deletion_requested=True)),
    ],
    ids=["asked", "old token", "no customer", "restored row, new token", "lost row, new token"],
)
@pytest.mark.parametrize("route", OF_A_PERSON)
def test_whoever_asked_for_the_deletion_only_sees_their_account(
    stripe: FakeStripe,
    customers: FakeCustomers,
    user_pool: FakeUserPool,
    route: str,
    row: Customer | UnfinishedCustomer | None,
    user: User,
) -> None:
    # Given
    user_pool.request_deletion("ada", at=LONG_AGO)
    if isinstance(row, Customer):
        customers.rows["ada"] = row
    elif row:
        customers.unfinished["ada"] = row
    # When
    answer = ask(route, user)
    # Then
    if route in STAY_OPEN:
        assert answer.status == (202 if route == "DELETE /account" else 200)
        deletion = (answer.body.get("account") or answer.body)["deletion"]
        assert deletion["requested_at"] == LONG_AGO
    else:
        assert (answer.status, answer.body["code"]) == (403, "account_being_deleted")
        assert stripe.calls == []


@pytest.mark.parametrize("asked_again", [False, True])
@pytest.mark.parametrize("route", OF_A_PERSON)
def test_after_the_erasure_a_token_is_good_for_nothing(
    stripe: FakeStripe,
    customers: FakeCustomers,
    user_pool: FakeUserPool,
    route: str,
    *,
    asked_again: bool,
) -> None:
    customers.erased["ada"] = ErasedPerson("ada", erased_at=LONG_AGO)
    user_pool.delete("ada")
    answer = ask(route, replace(ADA, deletion_requested=asked_again))
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")
    assert answer.body["detail"] == "This account was deleted."
    assert stripe.calls == []
    assert (customers.rows, customers.unfinished) == ({}, {})
