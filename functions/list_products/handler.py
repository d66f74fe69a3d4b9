"""GET /products: what is for sale."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies import ProductListResponse, ProductResponse
from payments.use_cases.list_products import list_products

app = App("GET", "/products")
wiring.prepare(wiring.products)


@app.endpoint
def get_products() -> ProductListResponse:
    products = list_products(products=wiring.products())
    return ProductListResponse(data=[ProductResponse.of(product) for product in products])


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
