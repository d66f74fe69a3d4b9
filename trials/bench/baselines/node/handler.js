/** POST /payments as it is commonly written for Node: AWS SDK v3, stripe-node, zod, one bundle. */

import { createHash } from 'node:crypto';

import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import Stripe from 'stripe';
import * as z from 'zod';

const { CUSTOMERS_TABLE, ITEMS_TABLE, ORDERS_TABLE, STRIPE_API_BASE, STRIPE_SECRET_ID } =
  process.env;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const secrets = new SecretsManagerClient({});
let stripe;

const Item = z.strictObject({
  item_id: z.string().min(1).max(255),
  quantity: z.int().min(1).max(100).default(1),
});
const PaymentRequest = z.strictObject({
  items: z.array(Item).min(1).max(50),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/)
    .default('eur'),
  payment_method_id: z.string().startsWith('pm_'),
});
const IdempotencyKey = z.string().min(8).max(255);

export async function handler(event) {
  const key = IdempotencyKey.safeParse(header(event, 'idempotency-key'));
  const body = PaymentRequest.safeParse(json(event.body));
  if (!key.success || !body.success) {
    return answer(422, { errors: [...(key.error?.issues ?? []), ...(body.error?.issues ?? [])] });
  }
  const userId = event.requestContext.authorizer.claims.sub;
  const [{ customer, prices }, client] = await Promise.all([
    read(userId, body.data),
    stripeClient(),
  ]);
  const lines = body.data.items.map((item) => ({ ...item, price: prices.get(item.item_id) }));
  if (!customer || lines.some((line) => !line.price)) {
    return answer(404, { detail: 'No such item' });
  }

  const order = {
    order_id: createHash('sha256').update(`${userId}/${key.data}`).digest('hex').slice(0, 32),
    user_id: userId,
    lines,
    amount: lines.reduce((total, line) => total + line.quantity * line.price, 0),
    currency: body.data.currency,
    status: 'pending',
    created_at: new Date().toISOString(),
  };
  try {
    await dynamodb.send(
      new PutCommand({
        TableName: ORDERS_TABLE,
        Item: order,
        ConditionExpression: 'attribute_not_exists(order_id)',
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return answer(409, { detail: 'This key was used before' });
    }
    throw error;
  }
  const intent = await client.paymentIntents.create(
    {
      amount: order.amount,
      currency: order.currency,
      customer: customer.customer_id,
      payment_method: body.data.payment_method_id,
      allowed_payment_method_types: ['card'],
      confirmation_method: 'manual',
      metadata: { order_id: order.order_id, lines: JSON.stringify(lines) },
    },
    { idempotencyKey: order.order_id },
  );
  await dynamodb.send(
    new UpdateCommand({
      TableName: ORDERS_TABLE,
      Key: { order_id: order.order_id },
      UpdateExpression: 'SET #status = :status, payment_intent_id = :intent',
      ConditionExpression: '#status = :pending',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': intent.status,
        ':intent': intent.id,
        ':pending': 'pending',
      },
    }),
  );
  return answer(201, {
    order_id: order.order_id,
    payment_intent_id: intent.id,
    status: intent.status,
    amount: order.amount,
    currency: order.currency,
    client_secret: intent.client_secret,
  });
}

async function read(userId, { items, currency }) {
  const { Responses } = await dynamodb.send(
    new BatchGetCommand({
      RequestItems: {
        [CUSTOMERS_TABLE]: { Keys: [{ user_id: userId }] },
        [ITEMS_TABLE]: { Keys: items.map(({ item_id }) => ({ item_id })) },
      },
    }),
  );
  const prices = Responses[ITEMS_TABLE].map(({ item_id, prices }) => [item_id, prices[currency]]);
  return { customer: Responses[CUSTOMERS_TABLE][0], prices: new Map(prices) };
}

async function stripeClient() {
  if (!stripe) {
    const secret = await secrets.send(new GetSecretValueCommand({ SecretId: STRIPE_SECRET_ID }));
    const { protocol, hostname, port } = new URL(STRIPE_API_BASE);
    stripe = new Stripe(JSON.parse(secret.SecretString).secret_key, {
      protocol: protocol.slice(0, -1),
      host: hostname,
      port: port || 443,
      maxNetworkRetries: 2,
    });
  }
  return stripe;
}

function header(event, name) {
  const found = Object.entries(event.headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answer(statusCode, body) {
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}
