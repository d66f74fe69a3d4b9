"""Log out everywhere: older logins save and pay no more."""

import importlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from payments import wiring
from payments.domain.clock import timestamp
from payments.domain.customer import CustomerRow, UnfinishedCustomer, User, check_signed_in
from payments.domain.errors import ServiceUnavailableError, SignedOutError
from payments.use_cases.attach_payment_method import attach_payment_method
from payments.use_cases.create_payment_intent import create_payment_intent
from payments.use_cases.end_sessions import end_sessions
from payments.use_cases.list_payment_methods import list_payment_methods
from payments.use_cases.sign_out import sign_out
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, a_customer, a_guard, a_product, a_purchase, a_registration
from tests.unit.payer import Payer

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
AT_NOON = "2026-11-23T12:00:00.000Z"
BEFORE, AFTER = replace(ADA, auth_time=NOON - 1), replace(ADA, auth_time=NOON)


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def sign_out_now(
    monkeypatch: pytest.MonkeyPatch,
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    waited: list[float],
) -> Callable[[str], str]:
    monkeypatch.setattr(time, "time", lambda: NOON - 0.25)
    return partial(end_sessions, pool=user_pool, customers=customers, wait=waited.append)


def test_the_moment_is_the_next_full_second_and_is_waited_for(
    sign_out_now: Callable[[str], str], customers: FakeCustomers, waited: list[float]
) -> None:
    customers.rows["ada"] = a_customer()
    assert sign_out_now("ada") == AT_NOON
    assert customers.rows["ada"] == a_customer(signed_out_at=AT_NOON)
    assert waited == [0.25]


def test_all_sessions_end(sign_out_now: Callable[[str], str], user_pool: FakeUserPool) -> None:
    user_id = user_pool.sign_up(a_registration()).user.user_id
    user_pool.people[user_id].sessions = 3
    sign_out_now(user_id)
    assert user_pool.people[user_id].sessions == 0


def test_the_route_does_the_same(user_pool: FakeUserPool, customers: FakeCustomers) -> None:
    ada = user_pool.put(ADA)
    moment = sign_out(user=ADA, pool=user_pool, customers=customers)
    assert customers.unfinished["ada"].signed_out_at == moment
    assert ada.sessions == 0


def test_the_row_says_so_even_if_cognito_fails(
    sign_out_now: Callable[[str], str], user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    user_pool.fail_next = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        sign_out_now("ada")
    assert customers.unfinished["ada"].signed_out_at == AT_NOON


@pytest.mark.parametrize(
    "row", [a_customer(signed_out_at=AT_NOON), UnfinishedCustomer("ada", signed_out_at=AT_NOON)]
)
def test_a_login_from_before_is_refused_and_a_later_one_is_not(row: CustomerRow) -> None:
    check_signed_in(AFTER, row)
    for user in (BEFORE, ADA):  # ADA's token does not say when she logged in
        with pytest.raises(SignedOutError):
            check_signed_in(user, row)


@pytest.mark.parametrize("row", [None, a_customer(), UnfinishedCustomer("ada")])
def test_whoever_never_logged_out_everywhere_is_not_asked(row: CustomerRow | None) -> None:
    check_signed_in(ADA, row)


@pytest.mark.parametrize(("user", "refused"), [(BEFORE, True), (AFTER, False)])
def test_saving_a_card_needs_a_later_login(
    stripe: FakeStripe, customers: FakeCustomers, user: User, *, refused: bool
) -> None:
    stripe.has_card("pm_new", of=None)
    stripe.has_customer(ADA)
    customers.rows["ada"] = a_customer(signed_out_at=AT_NOON)
    save = partial(
        attach_payment_method,
        "pm_new",
        user=user,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    if refused:
        with pytest.raises(SignedOutError):
            save()
    else:
        save()
    assert (stripe.cards["pm_new"].stripe_customer_id is None) == refused


def test_a_first_card_is_not_saved_either(stripe: FakeStripe, customers: FakeCustomers) -> None:
    stripe.has_card("pm_new", of=None)
    customers.sign_out("ada", at=AT_NOON)
    with pytest.raises(SignedOutError):
        attach_payment_method(
            "pm_new",
            user=BEFORE,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
            payments=FakePayments(),
        )
    assert stripe.cards["pm_new"].stripe_customer_id is None
    assert customers.rows["ada"].signed_out_at == AT_NOON


@pytest.mark.parametrize("has_customer", [True, False])
def test_starting_a_payment_needs_a_later_login(
    stripe: FakeStripe,
    customers: FakeCustomers,
    products: FakeProducts,
    inputs: FakePaymentInputs,
    recorder: Any,
    *,
    has_customer: bool,
) -> None:
    products.put(a_product())
    customers.sign_out("ada", at=AT_NOON)
    if has_customer:
        customers.rows["ada"] = a_customer(signed_out_at=AT_NOON)
    with pytest.raises(SignedOutError):
        create_payment_intent(
            a_purchase(),
            user=BEFORE,
            idempotency_key="a-key-of-adas",
            default_currency="eur",
            inputs=inputs,
            recorder=recorder,
        )
    assert stripe.calls == []


def test_confirming_a_payment_needs_a_later_login(payer: Payer, customers: FakeCustomers) -> None:
    payer.payment_with("succeed")
    customers.rows["ada"] = a_customer(signed_out_at=AT_NOON)
    with pytest.raises(SignedOutError):
        payer.confirm("cvctok_1", user=BEFORE)
    assert payer.confirmations == []
    payment, _ = payer.confirm("cvctok_1", user=AFTER)
    assert payment.status == "succeeded"


def test_looking_ends_with_the_token(stripe: FakeStripe, customers: FakeCustomers) -> None:
    stripe.has_customer(ADA)
    stripe.has_card()
    customers.rows["ada"] = a_customer(signed_out_at=AT_NOON)
    page = list_payment_methods(
        user=BEFORE, limit=10, cursor=None, stripe=stripe, customers=customers
    )
    assert len(page.items) == 1


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("PostConfirmation_ConfirmForgotPassword", True),
        ("PostConfirmation_ConfirmSignUp", False),
    ],
)
def test_a_new_password_ends_all_sessions_and_a_confirmed_address_none(
    monkeypatch: pytest.MonkeyPatch,
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    source: str,
    *,
    ends: bool,
) -> None:
    # Given
    user_id = user_pool.sign_up(a_registration()).user.user_id
    user_pool.people[user_id].sessions = 1
    pools: list[str] = []

    def pool_of(user_pool_id: str) -> FakeUserPool:
        pools.append(user_pool_id)
        return user_pool

    monkeypatch.setattr(wiring, "pool_administration", pool_of)
    monkeypatch.setattr(wiring, "customers", lambda: customers)
    monkeypatch.setattr(time, "time", lambda: NOON - 0.001)
    event = {
        "triggerSource": source,
        "userPoolId": "pool-of-the-event",
        "userName": user_id,
        "request": {"userAttributes": {"sub": user_id, "email": ADA.email}},
        "response": {},
    }
    # When
    handler = importlib.import_module("functions.post_confirmation.handler")
    answer = handler.lambda_handler(event, None)
    # Then
    assert answer == event
    assert user_pool.people[user_id].sessions == (0 if ends else 1)
    row = customers.unfinished.get(user_id)
    assert (row.signed_out_at if row else None) == (AT_NOON if ends else None)
    assert pools == (["pool-of-the-event"] if ends else [])


def test_a_moment_sorts_as_text() -> None:
    later = timestamp(datetime.fromtimestamp(NOON + 1, UTC))
    assert later > AT_NOON
