"""What an amount is made of."""

from typing import Any

import pytest
import stripe
from stripe.params import RefundCreateParams

from tests.simulator.conftest import Shopper

LINE = {"product_name": "Coffee", "quantity": 1, "unit_cost": 1099}


def _intent(shopper: Shopper, **details: Any) -> stripe.PaymentIntent:
    return shopper.manual_intent(amount_details=details, expand=["amount_details.line_items"])


def _refused(shopper: Shopper, **details: Any) -> tuple[str | None, str | None]:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _intent(shopper, **details)
    assert refusal.value.http_status == 400
    return refusal.value.code, refusal.value.param


def test_an_intent_tells_them_and_its_lines_where_they_are_expanded(shopper: Shopper) -> None:
    intent = _intent(
        shopper,
        line_items=[{**LINE, "product_code": "coffee", "unit_cost": 1000}],
        tax={"total_tax_amount": 190},
        shipping={"amount": 9, "to_postal_code": "10115"},
        discount_amount=100,
    )

    told = intent.amount_details
    assert told is not None
    assert told.tax is not None
    assert told.shipping is not None
    assert (told.tax.total_tax_amount, told.shipping.amount, told.discount_amount) == (190, 9, 100)
    assert told.line_items is not None
    assert [(line.product_code, line.unit_cost) for line in told.line_items.data] == [
        ("coffee", 1000)
    ]
    later = shopper.server.payment_intents.retrieve(intent.id)
    assert "line_items" not in later.amount_details.to_dict()  # type: ignore[union-attr]
    event = shopper.server.events.list({"type": "payment_intent.created"}).data[0]
    assert "line_items" not in event.data.object["amount_details"]


def test_a_sum_that_differs_is_told_where_the_request_allows_it(shopper: Shopper) -> None:
    wrong = {**LINE, "quantity": 2}
    code = "amount_details_amount_mismatch"
    assert _refused(shopper, line_items=[wrong]) == (code, "amount_details[line_items]")

    intent = _intent(shopper, line_items=[wrong], enforce_arithmetic_validation=False)

    assert intent.amount_details is not None
    assert intent.amount_details.error is not None
    assert intent.amount_details.error.code == code
    confirmed = shopper.confirm(intent, amount_details={"line_items": [LINE]})
    assert confirmed.status == "succeeded"
    assert "error" not in confirmed.amount_details.to_dict()  # type: ignore[union-attr]


def test_tax_shipping_and_discount_are_no_more_than_the_amount(shopper: Shopper) -> None:
    much = {"line_items": [{**LINE, "unit_cost": 2199}], "discount_amount": 1100}
    code = "amount_details_tax_shipping_discount_greater_than_amount"

    assert _refused(shopper, **much) == (code, "amount_details[line_items]")
    assert _intent(shopper, **much, enforce_arithmetic_validation=False).amount == 1099


@pytest.mark.parametrize(
    ("details", "param"),
    [
        ({"line_items": [{**LINE, "unit_cost": 0}] * 201}, "[line_items]"),
        ({"line_items": [{**LINE, "product_name": "x" * 1025}]}, "[line_items][0][product_name]"),
        ({"line_items": [{**LINE, "product_code": "x" * 13}]}, "[line_items][0][product_code]"),
        ({"discount_amount": 0}, "[discount_amount]"),
        ({"tax": {"total_tax_amount": -1}}, "[tax][total_tax_amount]"),
        ({"shipping": {"amount": -1}}, "[shipping][amount]"),
        ({"shipping": {"to_postal_code": "12345678901"}}, "[shipping][to_postal_code]"),
        ({"tip": {"amount": 1}}, "[tip]"),
    ],
)
def test_they_have_limits(shopper: Shopper, details: dict[str, Any], param: str) -> None:
    assert _refused(shopper, enforce_arithmetic_validation=False, **details)[1] == (
        f"amount_details{param}"
    )


def test_two_hundred_lines_are_taken(shopper: Shopper) -> None:
    free = {**LINE, "unit_cost": 0, "product_code": "x" * 12, "product_name": "x" * 1024}

    intent = _intent(shopper, line_items=[LINE, *([free] * 199)])

    assert intent.amount_details is not None
    assert intent.amount_details.line_items is not None
    assert len(intent.amount_details.line_items.data) == 200


@pytest.mark.parametrize(
    ("metadata", "taken"),
    [
        ({f"key_{n}": "x" for n in range(50)}, True),
        ({f"key_{n}": "x" for n in range(51)}, False),
        ({"k" * 40: "x" * 500}, True),
        ({"k" * 41: "x"}, False),
        ({"key": "x" * 501}, False),
    ],
)
def test_metadata_has_limits_for_intents_and_refunds(
    shopper: Shopper, metadata: dict[str, str], taken: bool
) -> None:
    paid = shopper.confirm(shopper.manual_intent())
    refund: RefundCreateParams = {"payment_intent": paid.id, "metadata": metadata}
    if taken:
        assert shopper.manual_intent(metadata=metadata).metadata.to_dict() == metadata
        assert shopper.server.refunds.create(refund).to_dict()["metadata"] == metadata
        return
    with pytest.raises(stripe.InvalidRequestError):
        shopper.manual_intent(metadata=metadata)
    with pytest.raises(stripe.InvalidRequestError):
        shopper.server.refunds.create(refund)


def test_an_intent_says_what_it_is_for(shopper: Shopper) -> None:
    shipping = {
        "name": "Ada Lovelace",
        "address": {"line1": "1 Main Street", "city": "Berlin", "country": "DE"},
    }
    intent = shopper.manual_intent(
        payment_details={"order_reference": "A-1001"},
        shipping=shipping,
        receipt_email="ada@example.com",
    )

    charge = shopper.server.charges.retrieve(str(shopper.confirm(intent).latest_charge))

    assert intent.payment_details is not None
    assert intent.payment_details.order_reference == "A-1001"
    assert charge.receipt_email == "ada@example.com"
    assert charge.shipping is not None
    assert charge.shipping.name == "Ada Lovelace"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"order_reference": "A"}, "parameter_unknown", "order_reference"),
        ({"payment_details": {"order": "A"}}, "parameter_unknown", "payment_details[order]"),
        ({"shipping": {"name": "Ada"}}, "parameter_missing", "shipping[address]"),
        ({"receipt_email": "nobody"}, "email_invalid", "receipt_email"),
    ],
)
def test_what_stripe_does_not_know_is_refused(
    shopper: Shopper, params: dict[str, Any], code: str, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.manual_intent(**params)

    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (
        400,
        code,
        param,
    )
