"""Products: what is for sale, and for how much."""

from typing import TYPE_CHECKING

from payments.domain.page import Page
from payments.domain.product import Product

if TYPE_CHECKING:
    from payments.repositories.products import ProductsRepository


def list_products(
    *, q: str | None = None, limit: int, cursor: str | None, products: "ProductsRepository"
) -> Page[Product]:
    """A page of the catalogue, by name; with `q`, only what has all its words.

    Raises:
        ValidationError: the cursor is not valid.
    """
    if words := (q or "").casefold().split():
        return products.search_for_sale(words, limit=limit, cursor=cursor)
    return products.list_for_sale(limit=limit, cursor=cursor)
