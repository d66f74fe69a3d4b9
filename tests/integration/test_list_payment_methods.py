"""Listing saved cards."""

import uuid

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.gateway import Gateway, claims_of
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


def test_pages_follow_the_cursor(ada: ApiClient, stripe: Simulator) -> None:
    numbers = (VISA, "5555555555554444", "4000000000000259")
    saved = [ada.attached(stripe.payment_method(number)) for number in numbers]

    first = ada.cards(limit="2").body
    second = ada.cards(limit="2", cursor=first["next_cursor"]).body

    listed = [card["payment_method_id"] for card in first["data"] + second["data"]]
    assert sorted(listed) == sorted(saved)
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}])
def test_a_bad_limit_is_named(ada: ApiClient, query: dict[str, str]) -> None:
    answer = ada.cards(**query)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert answer.body["errors"][0]["field"] == "limit"


@pytest.mark.parametrize("cursor", ["pm_unknown", "nonsense"])
def test_a_bad_cursor_is_named(ada: ApiClient, cursor: str) -> None:
    answer = ada.cards(cursor=cursor)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert answer.body["errors"][0]["field"] == "cursor"


def test_an_expired_card_is_marked(ada: ApiClient, stripe: Simulator) -> None:
    payment_method_id = ada.attached(stripe.payment_method(VISA))
    stripe.let_expire(payment_method_id)

    (card,) = ada.cards().body["data"]

    assert card["expired"] is True


@pytest.mark.parametrize("claims", [{"name": None}, {"email": None}, {"name": "", "email": ""}])
def test_somebody_without_a_name_or_an_address_gets_a_customer(
    stripe: Simulator, claims: dict[str, str | None]
) -> None:
    person = ApiClient(Gateway(claims_of(str(uuid.uuid4())) | claims))  # type: ignore[arg-type]

    assert person.cards().status == 200
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
