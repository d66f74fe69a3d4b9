"""A person's payments, in pages."""

import pytest

from tests.support.api_client import ApiClient
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def test_history_is_newest_first_in_pages_without_secrets(
    ada: ApiClient, bob: ApiClient, stripe: Simulator, visa: str
) -> None:
    created = [
        ada.create(product_id="coffee", quantity=quantity, payment_method_id=visa).body
        for quantity in (1, 2, 3)
    ]
    bobs = bob.attached(stripe.payment_method(VISA))
    bob.create(product_id="coffee", payment_method_id=bobs)
    stripe.forget_calls()

    first = ada.history(limit="2").body
    second = ada.history(limit="2", cursor=first["next_cursor"]).body

    listed = first["data"] + second["data"]
    assert {payment["payment_id"] for payment in listed} == {
        payment["payment_id"] for payment in created
    }
    times = [payment["created_at"] for payment in listed]
    assert times == sorted(times, reverse=True)
    assert {payment["client_secret"] for payment in listed} == {None}
    assert second["next_cursor"] is None
    assert stripe.calls() == []


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WzEsMl0", "e30"])
def test_a_bad_history_cursor_is_named(ada: ApiClient, cursor: str) -> None:
    answer = ada.history(cursor=cursor)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert answer.body["errors"][0]["field"] == "cursor"


def test_somebody_elses_cursor_shows_nothing_of_theirs(
    ada: ApiClient, bob: ApiClient, visa: str
) -> None:
    for _ in range(2):
        ada.create(product_id="coffee", payment_method_id=visa)
    cursor = ada.history(limit="1").body["next_cursor"]

    answer = bob.history(cursor=cursor)

    assert (answer.status, answer.body["data"]) == (200, [])
