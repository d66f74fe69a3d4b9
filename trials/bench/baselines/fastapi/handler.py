"""POST /payments as it is commonly written with FastAPI and Mangum: one app, boto3, stripe."""

import json
import os
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import boto3
import requests
import stripe
from fastapi import FastAPI, Header, HTTPException, Request
from mangum import Mangum
from pydantic import BaseModel, Field

app = FastAPI(title="Payments")
dynamodb = boto3.client("dynamodb")
secrets = boto3.client("secretsmanager")
# The SDK's own file of certificates knows Stripe's authority, not the benchmark's.
stripe.ca_bundle_path = os.environ.get("SSL_CERT_FILE", stripe.ca_bundle_path)


class Item(BaseModel):
    item_id: str = Field(min_length=1, max_length=255)
    quantity: int = Field(default=1, ge=1, le=100)


class PaymentRequest(BaseModel):
    items: list[Item] = Field(min_length=1, max_length=50)
    currency: str = Field(default="eur", pattern="^[a-z]{3}$")
    payment_method_id: str = Field(pattern="^pm_")


class PaymentResponse(BaseModel):
    order_id: str
    payment_intent_id: str
    status: str
    amount: int
    currency: str
    client_secret: str


@cache
def stripe_client() -> stripe.StripeClient:
    secret = secrets.get_secret_value(SecretId=os.environ["STRIPE_SECRET_ID"])
    return stripe.StripeClient(
        json.loads(secret["SecretString"])["secret_key"],
        base_addresses={"api": os.environ["STRIPE_API_BASE"]},
        max_network_retries=2,
        # One session for all threads: each request runs in a new one here, and would connect anew.
        http_client=stripe.RequestsClient(session=requests.Session()),
    )


@app.post("/payments", status_code=201)
def create_payment(
    body: PaymentRequest,
    request: Request,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=255)],
) -> PaymentResponse:
    user_id = request.scope["aws.event"]["requestContext"]["authorizer"]["claims"]["sub"]
    customer = dynamodb.get_item(
        TableName=os.environ["CUSTOMERS_TABLE"], Key={"user_id": {"S": user_id}}
    ).get("Item")
    table = os.environ["ITEMS_TABLE"]
    found = dynamodb.batch_get_item(
        RequestItems={table: {"Keys": [{"item_id": {"S": item.item_id}} for item in body.items]}}
    )["Responses"][table]
    if customer is None or len(found) < len(body.items):
        raise HTTPException(status_code=404, detail="No such item")
    prices = {row["item_id"]["S"]: row["prices"]["M"][body.currency]["N"] for row in found}
    lines = [
        {"item_id": item.item_id, "quantity": item.quantity, "price": int(prices[item.item_id])}
        for item in body.items
    ]
    amount = sum(item.quantity * int(prices[item.item_id]) for item in body.items)
    order_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{user_id}/{idempotency_key}"))
    dynamodb.put_item(
        TableName=os.environ["ORDERS_TABLE"],
        Item={
            "order_id": {"S": order_id},
            "user_id": {"S": user_id},
            "lines": {"S": json.dumps(lines)},
            "amount": {"N": str(amount)},
            "currency": {"S": body.currency},
            "status": {"S": "pending"},
            "created_at": {"S": datetime.now(UTC).isoformat()},
        },
        ConditionExpression="attribute_not_exists(order_id)",
    )
    intent = stripe_client().v1.payment_intents.create(
        params={
            "amount": amount,
            "currency": body.currency,
            "customer": customer["customer_id"]["S"],
            "payment_method": body.payment_method_id,
            "allowed_payment_method_types": ["card"],
            "confirmation_method": "manual",
            "metadata": {"order_id": order_id, "lines": json.dumps(lines)},
        },
        options={"idempotency_key": order_id},
    )
    dynamodb.update_item(
        TableName=os.environ["ORDERS_TABLE"],
        Key={"order_id": {"S": order_id}},
        UpdateExpression="SET #status = :status, payment_intent_id = :intent",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": intent.status}, ":intent": {"S": intent.id}},
    )
    return PaymentResponse(
        order_id=order_id,
        payment_intent_id=intent.id,
        status=intent.status,
        amount=amount,
        currency=body.currency,
        client_secret=str(intent.client_secret),
    )


_mangum = Mangum(app, lifespan="off")


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _mangum(event, context)
