"""GET /products/{product_id}: one product that is for sale."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.products import ProductResponse
from payments.use_cases.get_product import get_product

app = App("GET", "/products/{product_id}", public_for_seconds=60)
wiring.prepare(wiring.products)


@app.endpoint
def get_one_product(product_id: str) -> ProductResponse:
    return ProductResponse.of(get_product(product_id, products=wiring.products()))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
