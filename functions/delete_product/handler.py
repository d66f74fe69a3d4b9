"""DELETE /merchant/products/{product_id}: take a product off sale."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.products import DeletedProductResponse
from payments.domain.actor import Actor
from payments.use_cases.delete_product import delete_product

logger = Logger()
app = App("DELETE", "/merchant/products/{product_id}")
wiring.prepare(wiring.products)


@app.endpoint
def delete_one_product(product_id: str, caller: Actor) -> DeletedProductResponse:
    delete_product(product_id, products=wiring.products())
    logger.info("product taken off sale", extra={"product_id": product_id, "actor": str(caller)})
    return DeletedProductResponse(product_id=product_id)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
