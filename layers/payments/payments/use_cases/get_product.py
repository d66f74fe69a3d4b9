"""Get product: one product, and its prices."""

from typing import TYPE_CHECKING

from payments.domain.product import Product

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def get_product(product_id: str, *, products: "ProductsRepository") -> Product:
    """A product that is for sale.

    Raises:
        ProductNotFoundError: there is no such product, or it is not for sale.
    """
    return products.get_for_sale(product_id)
