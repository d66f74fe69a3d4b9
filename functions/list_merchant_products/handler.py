"""GET /merchant/products: the whole catalogue, on sale or not."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.products import CatalogueListResponse, SearchCatalogueQuery
from payments.domain.actor import Actor
from payments.use_cases.list_merchant_products import list_merchant_products

app = App("GET", "/merchant/products")
wiring.prepare(wiring.products)


@app.endpoint
def get_catalogue(
    query: SearchCatalogueQuery,
    caller: Actor,  # noqa: ARG001 - nobody gets here without the merchant's authorizer
) -> CatalogueListResponse:
    page = list_merchant_products(
        query.product_id, limit=query.limit, cursor=query.cursor, products=wiring.products()
    )
    return CatalogueListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
