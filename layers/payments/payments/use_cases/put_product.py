"""Put product: what is for sale, and for how much."""

from typing import TYPE_CHECKING

from payments.domain.product import CatalogueProduct

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def put_product(product: CatalogueProduct, *, products: "ProductsRepository") -> CatalogueProduct:
    """Add a product to the catalogue, or replace it.

    Raises:
        ValidationError: it could not be sold like this; nothing is written.
    """
    product.check()
    products.write(product)
    return product
