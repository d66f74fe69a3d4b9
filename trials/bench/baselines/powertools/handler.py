"""POST /payments in the style of the Powertools samples: tracer, idempotency, boto3 resources."""

import json
import os
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import stripe
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent,
)
from aws_lambda_powertools.utilities.parser import BaseModel, Field, parse
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
app = APIGatewayRestResolver()
dynamodb = boto3.resource("dynamodb")
customers = dynamodb.Table(os.environ["CUSTOMERS_TABLE"])
items = dynamodb.Table(os.environ["ITEMS_TABLE"])
orders = dynamodb.Table(os.environ["ORDERS_TABLE"])
# The SDK's own file of certificates knows Stripe's authority, not the benchmark's.
stripe.ca_bundle_path = os.environ.get("SSL_CERT_FILE", stripe.ca_bundle_path)
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath='headers."Idempotency-Key"', raise_on_no_idempotency_key=True
)


class Item(BaseModel):
    item_id: str = Field(min_length=1, max_length=255)
    quantity: int = Field(default=1, ge=1, le=100)


class PaymentRequest(BaseModel):
    items: list[Item] = Field(min_length=1, max_length=50)
    currency: str = Field(default="eur", pattern="^[a-z]{3}$")
    payment_method_id: str = Field(pattern="^pm_")


@cache
def stripe_client() -> stripe.StripeClient:
    secret: Any = parameters.get_secret(
        os.environ["STRIPE_SECRET_ID"], transform="json", max_age=300
    )
    return stripe.StripeClient(
        secret["secret_key"],
        base_addresses={"api": os.environ["STRIPE_API_BASE"]},
        max_network_retries=2,
    )


@tracer.capture_method(capture_response=False)
def create_intent(order: dict[str, Any], customer_id: str, card: str) -> stripe.PaymentIntent:
    return stripe_client().v1.payment_intents.create(
        params={
            "amount": order["amount"],
            "currency": order["currency"],
            "customer": customer_id,
            "payment_method": card,
            "allowed_payment_method_types": ["card"],
            "confirmation_method": "manual",
            "metadata": {"order_id": order["order_id"], "lines": json.dumps(order["lines"])},
        },
        options={"idempotency_key": order["order_id"]},
    )


@app.post("/payments")
@tracer.capture_method(capture_response=False)
def create_payment() -> tuple[dict[str, Any], int]:
    body = parse(event=app.current_event.json_body, model=PaymentRequest)
    user_id = app.current_event.request_context.authorizer.claims["sub"]
    customer = customers.get_item(Key={"user_id": user_id}).get("Item")
    found = dynamodb.batch_get_item(
        RequestItems={items.name: {"Keys": [{"item_id": item.item_id} for item in body.items]}}
    )["Responses"][items.name]
    if customer is None or len(found) < len(body.items):
        raise NotFoundError("No such item")
    prices = {row["item_id"]: int(row["prices"][body.currency]) for row in found}
    lines = [item.model_dump() | {"price": prices[item.item_id]} for item in body.items]
    order = {
        "order_id": str(uuid.uuid4()),
        "user_id": user_id,
        "lines": lines,
        "amount": sum(line["quantity"] * line["price"] for line in lines),
        "currency": body.currency,
        "status": "pending",
        "created_at": datetime.now(UTC).isoformat(),
    }
    orders.put_item(Item=order)
    intent = create_intent(order, customer["customer_id"], body.payment_method_id)
    orders.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression="SET #status = :status, payment_intent_id = :intent",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": intent.status, ":intent": intent.id},
    )
    logger.info("payment created", extra={"order_id": order["order_id"]})
    answer = {"client_secret": intent.client_secret, "payment_intent_id": intent.id}
    return order | answer | {"status": intent.status}, 201


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler(capture_response=False)
@idempotent(config=config, persistence_store=persistence)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
