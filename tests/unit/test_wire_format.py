"""DynamoDB's wire format, the same as in boto3, which takes too long to import."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from payments.repositories.dynamodb import from_wire, to_wire
from tests.unit.properties import same_examples

numbers = st.integers(-(10**37), 10**37) | st.decimals(
    min_value=-1000, max_value=1000, allow_nan=False, places=2
)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
items = st.dictionaries(st.text(min_size=1), values, max_size=4)


@same_examples
@given(items)
def test_it_is_written_as_boto3_writes_it(item: dict[str, Any]) -> None:
    serialize = TypeSerializer().serialize
    known = {name: serialize(value) for name, value in item.items() if value is not None}
    assert to_wire(item) == known


@same_examples
@given(items)
def test_it_is_read_as_boto3_reads_it(item: dict[str, Any]) -> None:
    serialize, deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize
    wire = {name: serialize(value) for name, value in item.items()}
    assert from_wire(wire) == {name: deserialize(value) for name, value in wire.items()}


def test_whole_numbers_are_integers_also_deep_inside() -> None:
    numbers = {"eur": "1099", "jpy": "1.8E+3", "usd": "12.00", "odd": "10.5"}
    read = from_wire({"prices": {"M": {name: {"N": text} for name, text in numbers.items()}}})
    assert read == {"prices": {"eur": 1099, "jpy": 1800, "usd": 12, "odd": Decimal("10.5")}}
    assert [type(price) for price in read["prices"].values()] == [int, int, int, Decimal]


@pytest.mark.parametrize("value", [1.5, b"bytes", {"a set"}])
def test_a_type_that_rows_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        to_wire({"name": value})


def test_a_type_that_a_newer_version_may_store_does_not_keep_a_row_from_being_read() -> None:
    assert from_wire({"name": {"SS": ["a set"]}}) == {"name": ["a set"]}
