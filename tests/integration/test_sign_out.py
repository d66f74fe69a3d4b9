"""POST /sign-out"""

import os
import time
import uuid
from typing import Any

import pytest

from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, claims_of, run
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


class Person:
    """Somebody with tokens of different ages."""

    def __init__(self) -> None:
        self.user_id = str(uuid.uuid4())

    def logged_in(self, at: float | None = None) -> ApiClient:
        """With a token of a login at this time, or now."""
        auth_time = str(int(time.time() if at is None else at))
        return ApiClient(Gateway(claims_of(self.user_id) | {"auth_time": auth_time}))


@pytest.fixture
def ada() -> Person:
    """Ada."""
    return Person()


def test_what_was_logged_in_before_saves_and_pays_no_more(
    aws: Aws, stripe: Simulator, ada: Person
) -> None:
    # Given
    before = ada.logged_in()
    card = before.attached(stripe.payment_method(VISA))
    started = before.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    # When
    assert before.sign_out().status == 200
    # Then
    cvc = stripe.cvc_token()
    refused = [
        before.attach(stripe.payment_method(VISA)),
        before.create(product_id="coffee", payment_method_id=card),
        before.confirm(started, cvc_token=cvc),
        before.confirm(started),
    ]
    assert [(answer.status, answer.code) for answer in refused] == [(401, "not_authenticated")] * 4
    assert aws.payment()["status"] == "requires_confirmation"
    # And a login right afterwards, even in the same second, works
    after = ada.logged_in()
    assert after.confirm(started, cvc_token=cvc).body["status"] == "succeeded"
    assert after.attach(stripe.payment_method(VISA)).status == 201


def test_looking_is_allowed_until_the_token_ends(stripe: Simulator, ada: Person) -> None:
    before = ada.logged_in()
    card = before.attached(stripe.payment_method(VISA))
    payment = before.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    before.sign_out()
    answers = [before.cards(), before.history(), before.payment(payment)]
    assert [answer.status for answer in answers] == [200, 200, 200]


def test_the_moment_survives_what_else_is_written_to_the_row(
    aws: Aws, stripe: Simulator, ada: Person
) -> None:
    # Given somebody who logs out everywhere before they have a Stripe Customer
    moment = ada.logged_in().sign_out().body["signed_out_at"]
    (row,) = aws.rows("CustomersTable")
    assert row == {"user_id": ada.user_id, "signed_out_at": moment}
    # When
    assert ada.logged_in().cards().status == 200
    # Then
    (row,) = aws.rows("CustomersTable")
    assert row["signed_out_at"] == moment
    assert row["stripe_customer_id"]
    assert ada.logged_in(0).attach(stripe.payment_method(VISA)).status == 401


@pytest.mark.parametrize("auth_time", [None, "", "soon", "-1"])
def test_a_token_that_does_not_tell_its_age_counts_as_old(
    stripe: Simulator, ada: Person, auth_time: str | None
) -> None:
    ada.logged_in().sign_out()
    claims: dict[str, Any] = {**claims_of(ada.user_id), "auth_time": auth_time}
    client = ApiClient(Gateway(claims))
    assert client.attach(stripe.payment_method(VISA)).status == 401


def test_a_new_password_has_the_same_effect(stripe: Simulator, ada: Person) -> None:
    before = ada.logged_in()
    event: dict[str, Any] = {
        "triggerSource": "PostConfirmation_ConfirmForgotPassword",
        "userPoolId": os.environ["USER_POOL_ID"],
        "userName": ada.user_id,
        "request": {"userAttributes": {"sub": ada.user_id}},
        "response": {},
    }
    assert run("post_confirmation", event) == event
    assert before.attach(stripe.payment_method(VISA)).status == 401
    assert ada.logged_in().attach(stripe.payment_method(VISA)).status == 201
