from collections.abc import Callable

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def test_a_customers_subscriptions_are_listed_until_they_are_canceled(
    shopper: Shopper, steering: Steering
) -> None:
    customer, other = shopper.customer(), shopper.customer()
    mine = steering.post("/subscriptions", {"customer": customer.id, "status": "past_due"})
    steering.post("/subscriptions", {"customer": other.id})
    subscriptions = shopper.server.subscriptions

    listed = subscriptions.list({"customer": customer.id}).data
    steering.post(f"/subscriptions/{mine['id']}", {"status": "canceled"})

    assert [(s.id, s.status) for s in listed] == [(mine["id"], "past_due")]
    assert subscriptions.list({"customer": customer.id}).data == []
    for status in ("all", "canceled", "ended"):
        found = subscriptions.list({"customer": customer.id, "status": status}).data
        assert [s.id for s in found] == [mine["id"]]


def test_deleting_a_customer_cancels_their_subscriptions(
    shopper: Shopper, steering: Steering
) -> None:
    customer, other = shopper.customer(), shopper.customer()
    steering.post("/subscriptions", {"customer": customer.id})
    kept = steering.post("/subscriptions", {"customer": other.id})

    shopper.server.customers.delete(customer.id)

    assert [s.id for s in shopper.server.subscriptions.list().data] == [kept["id"]]
    types = [event.type for event in shopper.server.events.list().data]
    assert types[:2] == ["customer.deleted", "customer.subscription.deleted"]


def test_invoices_are_listed_by_customer_and_status(shopper: Shopper, steering: Steering) -> None:
    customer, other = shopper.customer(), shopper.customer()
    draft = steering.post("/invoices", {"customer": customer.id, "status": "draft"})
    owed = steering.post("/invoices", {"customer": customer.id})
    steering.post("/invoices", {"customer": other.id})
    invoices = shopper.server.invoices

    assert [i.id for i in invoices.list({"customer": customer.id, "status": "open"}).data] == [
        owed["id"]
    ]
    steering.post(f"/invoices/{owed['id']}", {"status": "paid"})

    assert invoices.list({"customer": customer.id, "status": "open"}).data == []
    assert [i.id for i in invoices.list({"customer": customer.id}).data] == [
        owed["id"],
        draft["id"],
    ]


@pytest.mark.parametrize("noun", ["subscription", "invoice"])
def test_a_restricted_key_needs_the_right_to_see_them(
    client: Callable[[str], V1Services], steering: Steering, noun: str
) -> None:
    key = f"rk_test_erases_{noun}"
    steering.post("/keys", {"key": key, "permissions": ["rak_customer_write"]})
    service = getattr(client(key), f"{noun}s")

    with pytest.raises(stripe.PermissionError, match=f"rak_{noun}_read"):
        service.list({"customer": "cus_1"})

    steering.post("/keys", {"key": key, "permissions": [f"rak_{noun}_read"]})
    assert service.list({"customer": "cus_1"}).data == []
