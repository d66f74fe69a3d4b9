"""Products; prices are in the currency's minor unit."""

from typing import Annotated, Self

from pydantic import Field

from payments.api.bodies.models import Model, QueryModel, ResponseModel
from payments.domain.page import Page
from payments.domain.product import Product


class ListProductsQuery(QueryModel):
    """`GET /products`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=3072)] = None  # it holds a name and an id


class ProductResponse(ResponseModel):
    """A product; `prices` maps a currency to an amount in its minor unit."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: dict[str, int]

    @classmethod
    def of(cls, product: Product) -> Self:
        """The API's view of a product."""
        return cls.model_validate(product)


class ProductListResponse(Model):
    """`GET /products`: by name. A page may be short, or even empty, and still have a next one."""

    data: list[ProductResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Product]) -> Self:
        """The API's view of a page of products."""
        data = [ProductResponse.of(item) for item in page.items]
        return cls(data=data, next_cursor=page.next_cursor)
