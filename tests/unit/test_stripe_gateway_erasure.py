"""Erasing a Customer at Stripe: what is asked for, what it answers, and what we make of that."""

from typing import Any

import pytest

from payments.domain.errors import (
    CustomerMissingError,
    PaymentRefusedError,
    PermissionMissingError,
    StripeUnavailableError,
)
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe
from tests.unit.builders import ADA
from tests.unit.stripe_objects import a_customer_object, a_list_of, a_search_result_of

NO_SUCH_CUSTOMER: dict[str, Any] = {"code": "resource_missing", "param": "id"}


def a_subscription(**changes: Any) -> dict[str, Any]:
    return {"id": "sub_1", "object": "subscription", "status": "active", **changes}


def test_a_customer_is_deleted_by_their_id(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers({"id": "cus_ada", "object": "customer", "deleted": True})
    gateway.delete_customer("cus_ada")
    request = canned.only_request
    assert (request.method, request.path) == ("DELETE", "/v1/customers/cus_ada")


def test_one_that_was_deleted_before_stays_so(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.refuses(404, **NO_SUCH_CUSTOMER)
    canned.answers({"id": "cus_ada", "object": "customer", "deleted": True})
    gateway.delete_customer("cus_ada")
    assert [each.method for each in canned.requests] == ["DELETE", "GET"]


def test_one_that_our_key_does_not_see_is_not_told_as_deleted(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, **NO_SUCH_CUSTOMER)
    canned.refuses(404, **NO_SUCH_CUSTOMER)
    with pytest.raises(CustomerMissingError):
        gateway.delete_customer("cus_ada")


def test_one_that_is_there_after_all_is_left_to_the_next_try(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, **NO_SUCH_CUSTOMER)
    canned.answers(a_customer_object())
    with pytest.raises(StripeUnavailableError):
        gateway.delete_customer("cus_ada")


def test_what_stripe_did_not_delete_is_not_told_as_deleted(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(403, message="The key lacks rak_customer_write.")
    with pytest.raises(PermissionMissingError):
        gateway.delete_customer("cus_ada")
    canned.refuses(400, code="customer_locked")
    with pytest.raises(PaymentRefusedError):
        gateway.delete_customer("cus_ada")
    canned.fails_for_good()
    with pytest.raises(StripeUnavailableError):
        gateway.delete_customer("cus_ada")


# https://docs.stripe.com/api/subscriptions/object#subscription_object-status
@pytest.mark.parametrize(
    ("status", "unended"),
    [
        ("active", True),
        ("trialing", True),
        ("past_due", True),
        ("unpaid", True),
        ("paused", True),
        ("incomplete", True),
        ("a_status_of_tomorrow", True),
        ("incomplete_expired", False),
    ],
)
def test_a_subscription_counts_until_it_has_ended(
    gateway: StripeGateway, canned: CannedStripe, status: str, unended: bool
) -> None:
    canned.answers(a_list_of(a_subscription(status=status)))
    assert gateway.has_unended_subscriptions("cus_ada") is unended
    assert canned.only_request.path == "/v1/subscriptions"
    assert canned.only_request.params == {"customer": "cus_ada", "limit": "100"}


def test_all_subscriptions_are_read_page_by_page(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    ended = a_subscription(id="sub_2", status="incomplete_expired")
    canned.answers(a_list_of(ended, has_more=True))
    canned.answers(a_list_of(a_subscription()))
    assert gateway.has_unended_subscriptions("cus_ada")
    assert canned.requests[-1].params["starting_after"] == "sub_2"


@pytest.mark.parametrize("unsettled", ["draft", "open", None])
def test_an_invoice_counts_as_a_draft_and_while_it_is_open(
    gateway: StripeGateway, canned: CannedStripe, unsettled: str | None
) -> None:
    for status in ("draft", "open"):
        found = [{"id": "in_1", "object": "invoice"}] if status == unsettled else []
        canned.answers(a_list_of(*found))
    assert gateway.has_unsettled_invoices("cus_ada") is (unsettled is not None)
    asked = [each.params["status"] for each in canned.requests]
    assert asked == (["draft"] if unsettled == "draft" else ["draft", "open"])
    assert {each.params["customer"] for each in canned.requests} == {"cus_ada"}


def test_a_customer_that_is_not_there_is_missing_on_both(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    for look in (gateway.has_unended_subscriptions, gateway.has_unsettled_invoices):
        canned.refuses(400, code="resource_missing", param="customer")
        with pytest.raises(CustomerMissingError):
            look("cus_ada")


def test_every_customer_of_a_person_is_found_in_every_way(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    def own(customer: str) -> dict[str, Any]:
        return a_customer_object(id=customer, metadata={"user_id": "ada"})

    somebody_else = a_customer_object(id="cus_bob", metadata={"user_id": "bob"})
    canned.answers(a_list_of(own("cus_1"), somebody_else))
    canned.answers(a_search_result_of(own("cus_2")))
    canned.answers(a_list_of(own("cus_3"), own("cus_1"), a_customer_object(id="cus_nobody")))
    assert gateway.find_all_customers(ADA) == {"cus_1", "cus_2", "cus_3"}
