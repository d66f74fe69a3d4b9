"""Cards that leave, at Stripe: what it answers, and what we make of that."""

from typing import Any

import pytest

from payments.domain.errors import (
    CustomerMissingError,
    PaymentMethodNotFoundError,
    PermissionMissingError,
    StripeUnavailableError,
)
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe
from tests.unit.stripe_objects import a_payment_method_object

# https://docs.stripe.com/api/payment_methods/detach: recorded with neither code nor param
DETACHED_BEFORE = {"message": "The payment method you provided is not attached to a customer."}


def test_a_card_is_detached_by_its_id(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_payment_method_object())
    gateway.detach_payment_method("pm_1")
    assert canned.only_request.path == "/v1/payment_methods/pm_1/detach"


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(400, DETACHED_BEFORE), (404, {"code": "resource_missing", "param": "payment_method"})],
)
def test_a_card_that_is_detached_already_stays_so(
    gateway: StripeGateway, canned: CannedStripe, status: int, refusal: dict[str, Any]
) -> None:
    canned.refuses(status, **refusal)
    gateway.detach_payment_method("pm_1")


def test_what_stripe_did_not_do_is_not_told_as_done(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(403, message="The key lacks rak_payment_method_write.")
    with pytest.raises(PermissionMissingError):
        gateway.detach_payment_method("pm_1")
    canned.fails_for_good()
    with pytest.raises(StripeUnavailableError):
        gateway.detach_payment_method("pm_1")


def test_all_cards_are_read_page_by_page(gateway: StripeGateway, canned: CannedStripe) -> None:
    pages = [
        [a_payment_method_object(id="pm_3"), a_payment_method_object(id="pm_2")],
        [a_payment_method_object(id="pm_1")],
    ]
    for number, page in enumerate(pages, start=1):
        canned.answers({"object": "list", "data": page, "has_more": number < len(pages)})
    cards = gateway.list_all_payment_methods("cus_ada")
    assert [each.payment_method_id for each in cards] == ["pm_3", "pm_2", "pm_1"]
    assert canned.requests[-1].params["starting_after"] == "pm_2"


@pytest.mark.parametrize(
    ("status", "refusal", "error"),
    [
        (
            400,
            {"code": "resource_missing", "param": "invoice_settings[default_payment_method]"},
            PaymentMethodNotFoundError,
        ),
        (404, {"code": "resource_missing", "param": "id"}, CustomerMissingError),
    ],
)
def test_only_a_customers_own_card_becomes_the_default(
    gateway: StripeGateway,
    canned: CannedStripe,
    status: int,
    refusal: dict[str, Any],
    error: type[Exception],
) -> None:
    canned.refuses(status, **refusal)
    with pytest.raises(error):
        gateway.set_default_payment_method("cus_ada", payment_method_id="pm_1")


def test_a_detached_card_cannot_be_marked_as_replaced(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(400, code="payment_method_unexpected_state")
    with pytest.raises(PaymentMethodNotFoundError):
        gateway.mark_replaced("pm_1", by="pm_2")
