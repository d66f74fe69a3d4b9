"""GET /products: what is for sale."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.products import ListProductsQuery, ProductListResponse
from payments.use_cases.list_products import list_products

app = App("GET", "/products", public_for_seconds=60)
wiring.prepare(wiring.products)


@app.endpoint
def get_products(query: ListProductsQuery) -> ProductListResponse:
    page = list_products(
        q=query.q, limit=query.limit, cursor=query.cursor, products=wiring.products()
    )
    return ProductListResponse.of(page)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
