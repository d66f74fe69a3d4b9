"""PUT /merchant/products/{product_id}: add a product to the catalogue, or replace it."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.products import CatalogueProductResponse, PutProductRequest
from payments.domain.actor import Actor
from payments.use_cases.put_product import put_product

logger = Logger()
app = App("PUT", "/merchant/products/{product_id}")
wiring.prepare(wiring.products)


@app.endpoint
def put_one_product(
    product_id: str, body: PutProductRequest, caller: Actor
) -> CatalogueProductResponse:
    product = put_product(body.to_product(product_id), products=wiring.products())
    logger.info("product put", extra={"product_id": product_id, "actor": str(caller)})
    return CatalogueProductResponse.of(product)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
