"""The shop's first products."""

import json
from contextlib import closing

from local.aws import session
from local.paths import SEED_PRODUCTS
from payments.repositories.products import product_item


def seed_products(*, endpoint_url: str, table_name: str) -> int:
    """Write the products to their table and return how many there are."""
    products = json.loads(SEED_PRODUCTS.read_text())
    dynamodb = session(endpoint_url).resource("dynamodb")
    with (
        closing(dynamodb.meta.client),
        dynamodb.Table(table_name).batch_writer() as batch,
    ):
        for product in products:
            batch.put_item(Item=product_item(product))
    return len(products)
