"""List the products of the catalogue, on sale or not."""

from typing import TYPE_CHECKING

from payments.domain.page import Page
from payments.domain.product import CatalogueProduct

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def list_merchant_products(
    product_id: str | None, *, limit: int, cursor: str | None, products: "ProductsRepository"
) -> Page[CatalogueProduct]:
    """A page of the catalogue in no order, or the one product with this id, if there is any.

    Raises:
        ValidationError: the cursor is not valid.
    """
    if product_id is not None:
        return products.list_one(product_id)
    return products.list_all(limit=limit, cursor=cursor)
