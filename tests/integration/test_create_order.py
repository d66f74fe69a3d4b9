"""A program makes orders, and finds them."""

from typing import Any

import pytest

from tests.integration.orders import Shopper, cancel, let_expire, made, order, shown, soon
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, merchants_gateway
from tests.support.simulator_client import Simulator


@pytest.fixture
def grace(stripe: Simulator) -> Shopper:
    return Shopper(stripe)


def test_an_order_is_summed_up_to_the_unit(grace: Shopper) -> None:
    body = made(grace)

    assert body["total"] == 2 * 1099 + 500 + 200 + 490 - 100
    assert [line["amount"] for line in body["lines"]] == [2198, 500]
    assert (body["status"], body["payment_id"], body["created_by"]) == (
        "open",
        None,
        "program:shop",
    )
    assert shown(body["order_id"]) == body | {"email": None}  # only staff see it


def test_a_key_makes_one_order(grace: Shopper) -> None:
    first = order("the-only-key", user_id=grace.user_id)
    again = order("the-only-key", user_id=grace.user_id)
    other = order("the-only-key", user_id=grace.user_id, tax_amount=201)

    assert first.body == again.body
    assert (other.status, other.code) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"total": 3288}, "total"),
        ({"lines": []}, "lines"),
        ({"discount_amount": 3388}, "lines"),  # nothing would be left to charge
        ({"discount_amount": 9999}, "lines"),
        ({"tax_amount": -1}, "tax_amount"),
        ({"currency": "isk"}, "lines"),  # Stripe takes whole hundreds
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"statement_descriptor_suffix": "12345"}, "statement_descriptor_suffix"),
        ({"receipt_email": "nobody"}, "receipt_email"),
        ({"capture_method": "later"}, "capture_method"),
        ({"metadata": {str(n): "x" for n in range(21)}}, "metadata"),
        ({"metadata": {"payment_id": "pay_1"}}, "metadata"),
        ({"metadata": {"lines_7": "[]"}}, "metadata"),
        ({"shipping": {"name": "Grace", "address": {"line1": "", "country": "DE"}}}, "shipping"),
        ({"user_id": "nobody"}, "user_id"),
    ],
)
def test_what_cannot_be_charged_is_refused_field_by_field(
    grace: Shopper, members: dict[str, Any], field: str
) -> None:
    answer = order(**{"user_id": grace.user_id} | members)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [each["field"].split(".")[0] for each in answer.body["errors"]] == [field]


def test_somebody_who_has_only_signed_up_can_get_an_order() -> None:
    signed_up = ApiClient(Gateway(None)).signup(
        email="new@example.com", password="Correct-Horse-1", name="New"
    )

    assert order(user_id=signed_up.body["user_id"]).status == 201


def test_nobody_who_is_leaving_gets_an_order_and_a_replay_gets_its_own(grace: Shopper) -> None:
    before = order("before-she-left", user_id=grace.user_id)
    from payments import wiring  # noqa: PLC0415

    wiring.customers().request_deletion(
        grace.user_id, at="2026-01-01T00:00:00.000Z", signed_out_at="2026-01-01T00:00:00.000Z"
    )

    refused = order("after-she-left", user_id=grace.user_id)
    again = order("before-she-left", user_id=grace.user_id)
    other = order("before-she-left", user_id=grace.user_id, tax_amount=201)

    assert (refused.status, refused.code) == (422, "validation_error")
    assert (again.status, again.body) == (201, before.body)
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    paid = grace.pays(before.body["order_id"])
    assert (paid.status, paid.code) == (403, "account_being_deleted")


def test_a_replay_of_an_order_that_has_expired_since_gets_it(aws: Aws, grace: Shopper) -> None:
    members = {"user_id": grace.user_id, "expires_at": soon(0.5)}
    first = order("a-short-while", **members)
    let_expire(aws, first.body["order_id"])
    while soon(0) <= members["expires_at"]:
        pass

    again = order("a-short-while", **members)

    assert again.body["order_id"] == first.body["order_id"]
    assert (again.status, again.body["status"]) == (201, "expired")


def test_orders_are_found_by_date(aws: Aws, grace: Shopper) -> None:
    days = ("2026-11-25T10:00:00.000Z", "2026-11-26T00:00:00.000Z", "2026-11-27T00:00:00.000Z")
    for day in days:
        asked = made(grace, order_reference=f"R-{day[8:10]}")
        aws.change("OrdersTable", {"order_id": asked["order_id"]}, created_at=day)

    def found(**query: str) -> list[str]:
        page = merchants_gateway()("GET", "/merchant/orders", query=query)
        assert page.status == 200, page
        return [each["order_reference"] for each in page.body["data"]]

    midnight = "2026-11-26T01:00:00+01:00"
    assert found(**{"from": midnight}) == ["R-27", "R-26"]
    assert found(to=midnight) == ["R-25"]
    assert found(**{"from": midnight, "to": "2026-11-27T00:00:00Z", "status": "open"}) == ["R-26"]
    assert found(**{"from": "2026-11-27T00:00:00Z", "to": midnight}) == []


def test_orders_are_listed_by_pages(grace: Shopper) -> None:
    references = [f"R-{number}" for number in range(5)]
    for reference in references:
        made(grace, order_reference=reference)
    found: list[str] = []
    query = {"limit": "2", "status": "open"}
    while True:
        page = merchants_gateway()("GET", "/merchant/orders", query=query).body
        found += [each["order_reference"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert sorted(found) == references


def test_orders_are_found_by_reference_person_and_status(
    aws: Aws, grace: Shopper, stripe: Simulator
) -> None:
    bob = Shopper(stripe)
    first, second = made(grace), made(bob, order_reference="R-1002")
    expired = made(bob, order_reference="R-1003")
    cancel(first["order_id"])
    let_expire(aws, expired["order_id"])

    def found(**query: str) -> list[str]:
        page = merchants_gateway()("GET", "/merchant/orders", query=query).body
        return [each["order_reference"] for each in page["data"]]

    assert found() == ["R-1003", "R-1002", "R-1001"]
    assert found(order_reference="R-1001") == ["R-1001"]
    assert found(user_id=bob.user_id) == ["R-1003", "R-1002"]
    assert found(status="canceled") == ["R-1001"]
    assert found(status="open") == ["R-1002"]
    assert found(status="expired", user_id=bob.user_id) == ["R-1003"]
    assert found(order_reference="R-1002", user_id=grace.user_id) == []
    assert second["order_id"] != first["order_id"]
