"""Products; prices are in the currency's minor unit."""

from typing import Annotated, Self

from pydantic import Field

from payments.api.bodies.models import Model, QueryModel, RequestModel, ResponseModel
from payments.domain.page import Page
from payments.domain.product import CatalogueProduct, Product


class ListProductsQuery(QueryModel):
    """`GET /products`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=3072)] = None  # it holds a name and an id
    q: Annotated[str | None, Field(max_length=100)] = None


class SearchCatalogueQuery(QueryModel):
    """`GET /merchant/products`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=2048)] = None
    product_id: Annotated[str | None, Field(min_length=1, max_length=255)] = None


class PutProductRequest(RequestModel):
    """`PUT /merchant/products/{product_id}`: all of it. `CatalogueProduct` has the rules."""

    name: str
    description: str = ""
    image_url: str | None = None
    prices: dict[str, int]
    active: bool = True

    def to_product(self, product_id: str) -> CatalogueProduct:
        """The domain's product."""
        return CatalogueProduct(product_id=product_id, **self.model_dump())


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


class CatalogueProductResponse(ResponseModel):
    """A product of the catalogue, on sale or not."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: dict[str, int]
    active: bool

    @classmethod
    def of(cls, product: CatalogueProduct) -> Self:
        """The API's view of a product."""
        return cls.model_validate(product)


class CatalogueListResponse(Model):
    """`GET /merchant/products`: on sale or not, in no order."""

    data: list[CatalogueProductResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[CatalogueProduct]) -> Self:
        """The API's view of a page of the catalogue."""
        data = [CatalogueProductResponse.of(item) for item in page.items]
        return cls(data=data, next_cursor=page.next_cursor)


class DeletedProductResponse(Model):
    """`DELETE /merchant/products/{product_id}`: it is off sale."""

    product_id: str
    active: bool = False


class ProductListResponse(Model):
    """`GET /products`: by name. A page may be short, or even empty, and still have a next one."""

    data: list[ProductResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Product]) -> Self:
        """The API's view of a page of products."""
        data = [ProductResponse.of(item) for item in page.items]
        return cls(data=data, next_cursor=page.next_cursor)
