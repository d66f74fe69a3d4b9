"""POST /signup"""

import secrets
from dataclasses import replace

import pytest

from payments.settings import Settings, settings
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for
from tests.support.simulator_client import Simulator


@pytest.fixture
def registration() -> dict[str, str]:
    """What a new person enters."""
    return {
        "email": f"Ada.{secrets.token_hex(4)}@Example.com",
        "password": "Analytical-Engine-1843",
        "name": "Ada Lovelace",
        "phone": "+447700900123",
        "birthdate": "1815-12-10",
        "gender": "female",
    }


def hiding() -> Settings:
    """The settings of a stack with ExistingAddress=hide."""
    return replace(settings(), tells_existing_address=False)


@pytest.fixture
def anybody() -> ApiClient:
    return ApiClient(Gateway(None))


def test_a_person_becomes_a_user_a_customer_and_a_row(
    aws: Aws, anybody: ApiClient, registration: dict[str, str], stripe: Simulator
) -> None:
    answer = anybody.signup(**registration)

    assert answer.status == 201
    assert answer.body["email"] == registration["email"].lower()
    assert answer.body["confirmation_required"] is True
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    assert customer["metadata"] == {"user_id": answer.body["user_id"]}
    (row,) = aws.rows("CustomersTable")
    assert row["user_id"] == answer.body["user_id"]
    assert row["stripe_customer_id"] == customer["id"]
    assert row["livemode"] is False


def test_one_call_to_stripe(
    anybody: ApiClient, registration: dict[str, str], stripe: Simulator
) -> None:
    anybody.signup(**registration)

    assert [call["path"] for call in stripe.calls()] == ["/v1/customers"]


def test_a_confirmed_email_address_registers_once(
    aws: Aws, anybody: ApiClient, registration: dict[str, str], stripe: Simulator
) -> None:
    aws.confirm(anybody.signup(**registration).body["user_id"])

    answer = anybody.signup(
        **registration | {"email": registration["email"].upper(), "name": "Somebody Else"}
    )

    assert (answer.status, answer.code) == (409, "user_exists")
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


def test_a_registered_address_may_be_kept_secret(
    aws: Aws,
    anybody: ApiClient,
    registration: dict[str, str],
    stripe: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.signup.handler.settings", hiding)
    first = anybody.signup(**registration)
    aws.confirm(first.body["user_id"])

    answer = anybody.signup(**registration | {"name": "Somebody Else"})

    assert (answer.status, answer.body.keys()) == (first.status, first.body.keys())
    assert answer.body["email"] == first.body["email"]
    assert answer.body["confirmation_required"] == first.body["confirmation_required"]
    assert answer.body["user_id"] != first.body["user_id"]
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    assert len(aws.rows("CustomersTable")) == 1


def test_whoever_never_confirmed_an_address_does_not_keep_it_from_its_owner(
    aws: Aws, anybody: ApiClient, registration: dict[str, str], stripe: Simulator
) -> None:
    earlier = anybody.signup(
        **registration | {"password": "Not-The-Owners-1234", "name": "Somebody Else"}
    ).body["user_id"]

    answer = anybody.signup(
        email=registration["email"], password=registration["password"], name="Ada Lovelace"
    )

    assert answer.status == 201
    assert answer.body["user_id"] != earlier
    (user,) = [each for each in aws.users() if each["email"] == registration["email"].lower()]
    assert user["sub"] == answer.body["user_id"]
    assert (user["name"], user.get("phone_number"), user.get("gender")) == (
        "Ada Lovelace",
        None,
        None,
    )
    (row,) = aws.rows("CustomersTable")
    assert row["user_id"] == answer.body["user_id"]
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    assert customer["id"] == row["stripe_customer_id"]


def test_a_weak_password_is_the_pools_to_refuse(
    aws: Aws, anybody: ApiClient, registration: dict[str, str]
) -> None:
    answer = anybody.signup(**registration | {"password": "short"})

    assert (answer.status, answer.code) == (422, "password_rejected")
    assert aws.rows("CustomersTable") == []


@pytest.mark.parametrize("kind", ["http_500", "timeout_before", "timeout_after"])
def test_a_signup_cut_off_at_stripe_is_completed_by_the_next_step(
    aws: Aws, anybody: ApiClient, registration: dict[str, str], stripe: Simulator, kind: str
) -> None:
    stripe.fault("POST", "/v1/customers", kind, times=3)
    signed_up = anybody.signup(**registration)
    assert signed_up.status == 201
    assert aws.rows("CustomersTable") == []

    later = client_for(signed_up.body["user_id"])
    assert later.cards().status == 200

    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    assert [row["user_id"] for row in aws.rows("CustomersTable")] == [signed_up.body["user_id"]]


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_failure_that_stripe_remembers_leaves_one_customer(
    aws: Aws, anybody: ApiClient, registration: dict[str, str], stripe: Simulator, kind: str
) -> None:
    stripe.fault("POST", "/v1/customers", kind)

    signed_up = anybody.signup(**registration)

    assert signed_up.status == 201
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    (row,) = aws.rows("CustomersTable")
    assert row["stripe_customer_id"] == customer["id"]
    assert row["email"] == customer["email"]
    assert client_for(signed_up.body["user_id"]).cards().status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no-address"),
        ("password", ""),
        ("name", " "),
        ("name", "Ada\nLovelace"),
        ("name", "Ada\u202eLovelace"),
        ("email", "ada\u200b@example.com"),
        ("phone", "0123"),
        ("birthdate", "2999-01-01"),
        ("birthdate", "1815-02-31"),
        ("role", "admin"),
    ],
)
def test_a_bad_field_is_named(
    anybody: ApiClient, registration: dict[str, str], field: str, value: str
) -> None:
    answer = anybody.signup(**registration | {field: value})

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == [field]
