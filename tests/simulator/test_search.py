"""What Stripe's search doesn't find yet, and where it doesn't exist."""

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Steering

QUERY = "email:'ada@example.com'"


def _create(server: V1Services) -> str:
    return server.customers.create({"email": "ada@example.com"}).id


def _found(server: V1Services) -> list[str]:
    return [customer.id for customer in server.customers.search({"query": QUERY}).data]


def test_a_new_customer_is_found_a_minute_later(server: V1Services, steering: Steering) -> None:
    early = _create(server)
    assert _found(server) == []

    steering.catch_up_search()
    _create(server)

    assert _found(server) == [early]


def test_the_lag_of_a_search_can_be_set(server: V1Services, steering: Steering) -> None:
    customer = _create(server)

    assert steering.post("/search", {"lag_seconds": 0}) == {"lag_seconds": 0, "available": True}

    assert _found(server) == [customer]


def test_some_accounts_have_no_search(server: V1Services, steering: Steering) -> None:
    assert steering.post("/search", {"available": False})["available"] is False

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _found(server)

    assert (refusal.value.http_status, refusal.value.code) == (400, None)
    assert "not available in your region" in str(refusal.value.user_message)


def test_a_reset_makes_search_slow_and_available_again(
    server: V1Services, steering: Steering
) -> None:
    steering.post("/search", {"available": False, "lag_seconds": 0})
    steering.post("/reset")

    _create(server)

    assert _found(server) == []
