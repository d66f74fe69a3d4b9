"""remove_unconfirmed_users: people who never confirmed their address, and what is left of them."""

import secrets
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, run
from tests.support.simulator_client import Simulator


@pytest.fixture
def somebody() -> str:
    """The id of a person who has just signed up."""
    run("remove_unconfirmed_users", {"older_than_days": 0})  # of other tests
    answer = ApiClient(Gateway(None)).signup(
        email=f"{secrets.token_hex(4)}@example.com", password="Flow-Matic-1955", name="Grace"
    )
    return str(answer.body["user_id"])


def removed() -> dict[str, Any]:
    """A run for everybody, however young."""
    return dict(run("remove_unconfirmed_users", {"older_than_days": 0}))


def test_user_row_and_customer_are_gone(aws: Aws, stripe: Simulator, somebody: str) -> None:
    assert removed() == {"removed": 1, "confirmed": 0, "failed": 0}
    assert somebody not in {each["sub"] for each in aws.users()}
    assert aws.rows("CustomersTable") == []
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []


def test_for_a_week_nobody_is_removed(aws: Aws, somebody: str) -> None:
    assert run("remove_unconfirmed_users", {}) == {"removed": 0, "confirmed": 0, "failed": 0}
    assert somebody in {each["sub"] for each in aws.users()}


def test_whoever_confirmed_stays(aws: Aws, stripe: Simulator, somebody: str) -> None:
    aws.confirm(somebody)
    assert removed() == {"removed": 0, "confirmed": 0, "failed": 0}
    assert somebody in {each["sub"] for each in aws.users()}
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


@pytest.mark.usefixtures("somebody")
def test_a_customer_with_a_card_stays_at_stripe(aws: Aws, stripe: Simulator) -> None:
    (row,) = aws.rows("CustomersTable")
    card = stripe.payment_method("4242424242424242")
    stripe.post(
        SECRET_KEY, f"/v1/payment_methods/{card}/attach", customer=row["stripe_customer_id"]
    )
    assert removed()["removed"] == 1
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    assert aws.rows("CustomersTable") == []


@pytest.mark.usefixtures("somebody")
def test_a_customer_that_the_merchant_has_deleted_is_no_obstacle(
    aws: Aws, stripe: Simulator
) -> None:
    (row,) = aws.rows("CustomersTable")
    stripe.delete(SECRET_KEY, f"/v1/customers/{row['stripe_customer_id']}")
    assert removed()["removed"] == 1
    assert aws.rows("CustomersTable") == []


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("kind", ["http_500", "timeout_after"])
def test_what_stripe_does_not_answer_is_done_by_the_next_run(stripe: Simulator, kind: str) -> None:
    stripe.fault("DELETE", "/v1/customers/*", kind, times=3)
    assert removed() == {"removed": 0, "confirmed": 0, "failed": 1}
    assert removed() == {"removed": 1, "confirmed": 0, "failed": 0}
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []
