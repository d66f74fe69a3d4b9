"""The format of rows and cursors, tested without DynamoDB."""

from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.errors import ValidationError
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payments import PaymentsRepository, payment_from_item
from payments.repositories.products import product_from_item
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import a_payment, a_pending_payment
from tests.unit.properties import same_examples

if TYPE_CHECKING:
    from payments.aws.client import AwsClient
    from payments.domain.payment import Payment

# Products


def prices_of(**prices: object) -> dict[str, int]:
    """The prices at which a row's product is sold."""
    item = {
        "product_id": "coffee",
        "name": "Coffee",
        "description": "A bag of beans.",
        "prices": prices,
        "active": True,
    }
    product = product_from_item(item)
    return dict(product.prices) if product else {}


def test_a_product_is_sold_at_the_prices_of_its_row() -> None:
    assert prices_of(eur=1099, jpy=1800, kwd=3500) == {"eur": 1099, "jpy": 1800, "kwd": 3500}


@pytest.mark.parametrize("amount", [0, -1, Decimal("10.99"), "1099", None])
def test_a_price_that_is_no_positive_whole_number_is_not_offered(amount: object) -> None:
    assert prices_of(eur=amount, usd=1299) == {"usd": 1299}


@pytest.mark.parametrize("currency", ["bhd", "jod", "kwd", "omr", "tnd"])
@pytest.mark.parametrize(("amount", "offered"), [(3500, True), (3505, False), (3, False)])
def test_three_decimals_end_in_zero(currency: str, amount: int, offered: bool) -> None:
    assert prices_of(usd=1, **{currency: amount}) == (
        {currency: amount, "usd": 1} if offered else {"usd": 1}
    )


def test_a_product_without_a_chargeable_price_is_not_for_sale() -> None:
    assert prices_of() == {}
    assert prices_of(kwd=3505) == {}


def test_a_withdrawn_product_is_not_for_sale() -> None:
    item = {
        "product_id": "tea",
        "name": "Tea",
        "description": "",
        "prices": {"eur": 1},
        "active": False,
    }
    assert product_from_item(item) is None


# Payments


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(),
        a_pending_payment(),
        a_payment(last_payment_error=declined(), cvc_recollected=True, quantity=100),
    ],
)
def test_a_payment_comes_back_from_its_row_as_it_was(payment: "Payment") -> None:
    read = payment_from_item(from_wire(to_wire(asdict(payment))))
    assert read == payment
    assert type(read.amount) is int


def test_a_row_may_have_more_than_is_known() -> None:
    assert payment_from_item({**asdict(a_payment()), "open": "open"}) == a_payment()


# The history's cursor


class _Pages:
    """A DynamoDB whose only page ends at a key. It keeps the key at which a read continues."""

    def __init__(self, last_key: dict[str, str] | None = None) -> None:
        self._last_key = last_key
        self.asked: dict[str, Any] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """A page without items."""
        assert operation == "Query"
        self.asked = request
        return {"Items": []} | (
            {"LastEvaluatedKey": to_wire(self._last_key)} if self._last_key else {}
        )

    def go_on(self, cursor: str | None, *, user_id: str = "ada") -> str | None:
        """Get a page, and return the next cursor."""
        repository = PaymentsRepository(cast("AwsClient", self), "payments")
        return repository.list_for_user(user_id, limit=1, cursor=cursor).next_cursor


@same_examples
@given(st.text(min_size=1), st.text(min_size=1))
def test_a_cursor_goes_on_where_the_page_ended(created_at: str, payment_id: str) -> None:
    # Given
    key = {"user_id": "ada", "created_at": created_at, "payment_id": payment_id}
    cursor = _Pages(key).go_on(None)
    # When
    pages = _Pages()
    pages.go_on(cursor)
    # Then
    assert from_wire(pages.asked["ExclusiveStartKey"]) == key


def test_another_persons_cursor_stays_in_ones_own_history() -> None:
    # Given
    key = {"user_id": "ada", "created_at": "2026-01-01", "payment_id": "pay_1"}
    cursor = _Pages(key).go_on(None)
    # When
    pages = _Pages()
    pages.go_on(cursor, user_id="bob")
    # Then
    assert from_wire(pages.asked["ExclusiveStartKey"])["user_id"] == "bob"


def test_a_cursor_gives_nobodys_id_away() -> None:
    key = {"user_id": "ada", "created_at": "2026-01-01", "payment_id": "pay_1"}
    assert _Pages(key).go_on(None) == _Pages(key | {"user_id": "bob"}).go_on(None)


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "a",
        "é",
        "bm90IGpzb24",  # not json
        "WzEsMl0",  # [1,2]
        "WyJhIl0",  # ["a"]
        "WyIiLCIiXQ",  # ["",""]
        "bnVsbA",  # null
        "_____w",  # no UTF-8
    ],
)
def test_an_invalid_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationError) as error:
        _Pages().go_on(cursor)
    assert error.value.errors[0][0] == "cursor"


@same_examples
@given(st.text(max_size=40))
def test_no_text_breaks_the_history(cursor: str) -> None:
    with suppress(ValidationError):
        _Pages().go_on(cursor)
