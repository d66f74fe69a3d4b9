"""Get product: one product, and its prices."""

import pytest

from payments.domain.errors import ProductNotFoundError
from payments.use_cases.get_product import get_product
from tests.support.fakes.repositories import FakeProducts
from tests.unit.builders import a_product


def test_a_product_is_found_by_its_id(products: FakeProducts) -> None:
    products.put(a_product())
    assert get_product("coffee", products=products) == a_product()


def test_what_is_not_for_sale_is_not_found(products: FakeProducts) -> None:
    products.put(a_product())
    products.withdraw("coffee")
    with pytest.raises(ProductNotFoundError):
        get_product("coffee", products=products)
