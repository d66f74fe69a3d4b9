"""Products: what is for sale, and for how much."""

from typing import TYPE_CHECKING

from payments.domain.product import Product

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def list_products(*, products: "ProductsRepository") -> list[Product]:
    """Every product on sale, by name."""
    return products.list_for_sale()
