"""Delete product: nobody can buy it any more."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def delete_product(product_id: str, *, products: "ProductsRepository") -> None:
    """Take a product off sale. Harmless twice.

    Raises:
        ProductNotFoundError: there is no such product.
    """
    products.take_off_sale(product_id)
