"""The merchant looks for payments of all people."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.integration.orders import Shopper, made
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for, merchants_gateway
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
DISPUTED_CARD = "4000000000000259"


def search(**query: str) -> Answer:
    return merchants_gateway()("GET", "/merchant/payments", query=query)


def found(**query: str) -> list[str]:
    """The ids of a search's only page."""
    answer = search(**query)
    assert answer.status == 200, answer
    assert answer.body["next_cursor"] is None
    return [payment["payment_id"] for payment in answer.body["data"]]


def begun(person: ApiClient, stripe: Simulator, number: str = VISA) -> Mapping[str, Any]:
    """A payment that waits for its confirmation."""
    card = person.attached(stripe.payment_method(number))
    answer = person.create(items=[{"product_id": "coffee"}], payment_method_id=card)
    assert answer.status == 201, answer
    return dict(answer.body)


def paid(person: ApiClient, stripe: Simulator, number: str = VISA) -> Mapping[str, Any]:
    """A payment that succeeded."""
    payment = begun(person, stripe, number)
    answer = person.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert answer.status == 200, answer
    return dict(answer.body)


def test_payments_of_all_people_are_listed_newest_first_without_secrets(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    ids = [begun(person, stripe)["payment_id"] for person in (ada, bob, ada)]
    stripe.forget_calls()

    first = search(limit="2").body
    second = search(limit="2", cursor=first["next_cursor"]).body

    listed = first["data"] + second["data"]
    assert [payment["payment_id"] for payment in listed] == ids[::-1]
    assert second["next_cursor"] is None
    assert not {"client_secret", "next_action"} & set(listed[0])
    assert stripe.calls() == []


def test_a_status_is_the_present_one(ada: ApiClient, bob: ApiClient, stripe: Simulator) -> None:
    waiting = begun(ada, stripe)["payment_id"]
    succeeded = paid(bob, stripe)["payment_id"]

    assert found(status="requires_confirmation") == [waiting]
    assert found(status="succeeded") == [succeeded]
    assert found(status="canceled") == []


def test_a_person_is_found_by_id_and_by_their_present_address(
    ada: ApiClient, stripe: Simulator
) -> None:
    signed_up = ApiClient(Gateway(None)).signup(
        email="Grace@example.com", password="Correct-Horse-1", name="Grace"
    )
    user_id = signed_up.body["user_id"]
    theirs = begun(client_for(user_id), stripe)["payment_id"]
    begun(ada, stripe)

    assert found(user_id=user_id) == [theirs]
    assert found(email="grace@Example.com") == [theirs]
    assert found(email="nobody@example.com") == []
    assert found(email="grace@example.com", user_id="somebody-else") == []
    assert found(user_id=user_id, status="succeeded") == []


def test_from_is_in_it_and_to_is_not(ada: ApiClient, stripe: Simulator) -> None:
    payment = begun(ada, stripe)
    at = payment["created_at"]

    assert found(**{"from": at}) == [payment["payment_id"]]
    assert found(to=at) == []
    assert found(**{"from": at, "to": at}) == []
    assert found(to="2100-01-01T09:00:00+09:00") == [payment["payment_id"]]
    assert found(**{"from": "2100-01-01T00:00:00Z"}) == []
    assert found(**{"from": "2100-01-01T00:00:00Z", "to": "2000-01-01T00:00:00Z"}) == []


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-11-27", "2026-11-27T10:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_without_its_zone_is_refused(moment: str) -> None:
    answer = search(**{"from": moment})

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [each["field"] for each in answer.body["errors"]] == ["from"]


def test_an_open_dispute_is_found_until_it_is_decided(ada: ApiClient, stripe: Simulator) -> None:
    payment = paid(ada, stripe, DISPUTED_CARD)
    for event in events(stripe, "charge.dispute.created"):
        deliver(event)

    listed = search(status="disputed").body["data"]

    assert [each["payment_id"] for each in listed] == [payment["payment_id"]]
    (dispute,) = listed[0]["disputes"]
    assert (dispute["amount"], dispute["currency"]) == (1099, "eur")
    assert dispute["evidence_due_by"] > dispute["created_at"]

    stripe.move_dispute(dispute["dispute_id"], "won")
    for event in events(stripe, "charge.dispute.closed"):
        deliver(event)

    assert found(status="disputed") == []


def test_pages_that_a_filter_leaves_short_lead_to_what_is_behind_them(
    ada: ApiClient, stripe: Simulator
) -> None:
    oldest = paid(ada, stripe)["payment_id"]
    card = ada.attached(stripe.payment_method(VISA))
    for _ in range(12):
        ada.create(items=[{"product_id": "coffee"}], payment_method_id=card)
    user_id = search().body["data"][0]["user_id"]

    listed, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        query = {"user_id": user_id, "status": "succeeded", "limit": "1"}
        page = search(**query, **({"cursor": cursor} if cursor else {})).body
        listed += [each["payment_id"] for each in page["data"]]
        cursor, pages = page["next_cursor"], pages + 1

    assert listed == [oldest]
    assert pages < 5


def test_one_payment_shows_what_stripe_says_now(ada: ApiClient, stripe: Simulator) -> None:
    payment = paid(ada, stripe)
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=payment["payment_intent_id"], amount="99")

    answer = merchants_gateway()("GET", f"/merchant/payments/{payment['payment_id']}")

    assert answer.status == 200
    assert (answer.body["amount_refunded"], answer.body["amount_refundable"]) == (99, 1000)
    assert [each["amount"] for each in answer.body["refunds"]] == [99]
    assert answer.body["history"][-1]["actor"] == "program:shop"


def test_staff_see_whose_payment_and_order_it_is_and_programs_do_not(
    stripe: Simulator, aws: Aws
) -> None:
    grace = Shopper(stripe)
    made_order = made(grace)
    payment = grace.pays(made_order["order_id"]).body
    for path in (
        f"/merchant/payments/{payment['payment_id']}",
        f"/merchant/orders/{made_order['order_id']}",
    ):
        for actor in ("staff:sam", "program:shop"):
            answer = merchants_gateway(actor)("GET", path)
            email = aws.customer(grace.user_id)["email"] if actor == "staff:sam" else None
            assert (answer.status, answer.body["email"]) == (200, email)
    aws.put_customer(
        {"user_id": grace.user_id, "erased_at": "2026-01-01T00:00:00.000Z", "expires_at": 2**33}
    )
    assert merchants_gateway("staff:sam")("GET", path).body["email"] is None


def test_what_does_not_exist_is_404() -> None:
    answer = merchants_gateway()("GET", "/merchant/payments/pay_nothing")

    assert (answer.status, answer.code) == (404, "payment_not_found")


def test_nobody_gets_past_the_authorizer(ada: ApiClient, stripe: Simulator) -> None:
    payment = begun(ada, stripe)

    for path in ("/merchant/payments", f"/merchant/payments/{payment['payment_id']}"):
        assert Gateway(None)("GET", path).status == 401
