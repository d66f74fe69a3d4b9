"""Products: what is for sale."""

from payments.use_cases.list_products import list_products
from tests.support.fakes.repositories import FakeProducts
from tests.unit.builders import a_product


def test_products_on_sale_come_by_name(products: FakeProducts) -> None:
    # Given
    products.put(a_product(product_id="tea", name="Tea"))
    products.put(a_product())
    # When, then
    assert [product.name for product in list_products(products=products)] == ["Coffee", "Tea"]
