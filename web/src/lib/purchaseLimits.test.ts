import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { MAX_LINES, MAX_QUANTITY } from './purchaseLimits';

interface Schema {
  properties: Record<string, { maximum?: number; anyOf?: { maxItems?: number }[] }>;
}

it('are the limits of the API', () => {
  const { components } = JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as {
    components: { schemas: Record<string, Schema> };
  };
  const { CreatePaymentRequest: purchase, PurchaseItemRequest: item } = components.schemas;
  expect(item?.properties.quantity?.maximum).toBe(MAX_QUANTITY);
  expect(purchase?.properties.items?.anyOf?.[0]?.maxItems).toBe(MAX_LINES);
});
