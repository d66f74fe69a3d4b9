"""Products: what is for sale."""

from payments.use_cases.list_products import list_products
from tests.support.fakes.repositories import FakeProducts
from tests.unit.builders import a_product


def test_products_on_sale_come_by_name_in_pages(products: FakeProducts) -> None:
    # Given
    products.put(a_product(product_id="tea", name="Tea"))
    products.put(a_product())
    # When
    first = list_products(limit=1, cursor=None, products=products)
    rest = list_products(limit=1, cursor=first.next_cursor, products=products)
    # Then
    assert [product.name for product in (*first.items, *rest.items)] == ["Coffee", "Tea"]
    assert rest.next_cursor is None
