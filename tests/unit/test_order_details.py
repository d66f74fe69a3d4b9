"""What Stripe is told of what a payment pays for, within Stripe's limits."""

import json
from typing import Any

import pytest

from payments.domain.payment import Payment
from payments.stripe_gateway.order_details import amount_details, metadata
from tests.unit.builders import a_line, a_payment

MOST_KEYS = 50
LONGEST_VALUE = 500


def metadata_of(payment: Payment) -> dict[str, str]:
    """The metadata, which Stripe would take."""
    told = metadata(payment, None, stack="till-test")
    assert len(told) <= MOST_KEYS
    assert max(map(len, told.values())) <= LONGEST_VALUE
    return told


def lines_in(told: dict[str, str]) -> list[list[Any]]:
    """The lines that metadata has."""
    parts = [told[f"lines_{number}"] for number in range(1, MOST_KEYS) if f"lines_{number}" in told]
    return json.loads("".join(parts))  # type: ignore[no-any-return]


def test_the_lines_and_the_other_amounts_add_up() -> None:
    payment = a_payment(
        lines=(a_line(quantity=2), a_line(product_id=None, description="Wrapping", unit_amount=0)),
        tax_amount=418,
        shipping_amount=490,
        discount_amount=100,
    )
    assert amount_details(payment) == {
        "line_items": [
            {
                "product_name": "Coffee",
                "product_code": "coffee",
                "quantity": 2,
                "unit_cost": 1099,
            },
            {"product_name": "Wrapping", "quantity": 1, "unit_cost": 0},
        ],
        "tax": {"total_tax_amount": 418},
        "shipping": {"amount": 490},
        "discount_amount": 100,
    }


def test_a_discount_of_more_than_half_leaves_one_line_with_the_whole_amount() -> None:
    payment = a_payment(
        lines=(a_line(quantity=2), a_line(product_id=None, description="Wrapping", unit_amount=0)),
        amount=998,
        shipping_amount=100,
        discount_amount=1300,
    )
    assert amount_details(payment) == {
        "line_items": [{"product_name": "Coffee", "quantity": 1, "unit_cost": 998}]
    }


@pytest.mark.parametrize("product_id", ["a-product-id-that-is-long", "coffee beans", "caffè"])
def test_an_id_that_is_no_product_code_is_not_sent_as_one(product_id: str) -> None:
    details = amount_details(a_payment(lines=(a_line(product_id=product_id),)))
    assert details["line_items"] == [
        {"product_name": "Coffee", "quantity": 1, "unit_cost": 1099},
    ]


def test_a_long_description_is_cut_to_what_a_product_name_takes() -> None:
    line = a_line(product_id=None, description="x" * 2000)
    assert amount_details(a_payment(lines=(line,)))["line_items"] == [
        {"product_name": "x" * 1024, "quantity": 1, "unit_cost": 1099},
    ]


def test_metadata_says_whose_the_intent_is_and_what_it_pays_for() -> None:
    payment = a_payment(
        lines=(a_line(quantity=2), a_line(product_id=None, description="Café “Zürich”")),
        order_id="ord_1",
        order_reference="R-1",
    )
    told = metadata_of(payment)
    assert told == {
        "payment_id": "pay_1",
        "user_id": "ada",
        "stack": "till-test",
        "order_id": "ord_1",
        "order_reference": "R-1",
        "request_hash": payment.request_hash,
        "payment_made": '["2999-01-01T00:00:00.000Z",null,false,0,0,0,null,null]',
        "lines_1": '[["coffee",2,1099,"Coffee"],[null,1,1099,"Café “Zürich”"]]',
    }


def test_lines_that_are_longer_than_one_value_continue_in_the_next() -> None:
    told = metadata_of(a_payment(lines=tuple(a_line(product_id=f"p{n}") for n in range(50))))
    assert len(told["lines_1"]) == LONGEST_VALUE
    assert lines_in(told) == [[f"p{n}", 1, 1099, "Coffee"] for n in range(50)]


@pytest.mark.parametrize(("longest", "kept"), [(250, 250), (500, 200), (1024, 200)])
def test_descriptions_are_shortened_before_anything_is_left_out(longest: int, kept: int) -> None:
    lines = tuple(a_line(product_id=f"p{n}", description="é" * longest) for n in range(50))
    assert lines_in(metadata_of(a_payment(lines=lines))) == [
        [f"p{n}", 1, 1099, "é" * kept] for n in range(50)
    ]


def test_the_longest_ids_of_the_catalogue_fit() -> None:
    ids = [f"{n:0255}" for n in range(50)]
    lines = tuple(a_line(product_id=each, description="x" * 250) for each in ids)
    assert [line[0] for line in lines_in(metadata_of(a_payment(lines=lines)))] == ids


def test_ids_that_do_not_fit_at_all_are_left_to_the_line_items() -> None:
    lines = tuple(a_line(product_id='"' * 255) for _ in range(50))
    assert lines_in(metadata_of(a_payment(lines=lines))) == [[None, 1, 1099, ""]] * 50
